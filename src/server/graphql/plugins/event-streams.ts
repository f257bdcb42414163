import { Readable } from 'node:stream'
import { isAsyncIterable } from 'graphql-yoga'
import type { OperationPlugin } from '../context.ts'
import { type Result, stringify } from '../result.ts'
import { EVENT_STREAM } from './operation-rules.ts'

const HEADERS = {
  'content-type': EVENT_STREAM,
  connection: 'keep-alive',
  'cache-control': 'no-cache',
  'content-encoding': 'none',
}
/** Before the first event, it sends the headers. */
const COMMENT = ':\n\n'
const PING_INTERVAL_MS = 12_000
/** Unread characters above which results wait. */
const FULL_LENGTH = 16_384

/** Yoga's encodes each event by itself, in parts. */
export const useEventStreams = (): OperationPlugin => ({
  onResultProcess: ({ result, resultProcessor, setResultProcessor }) => {
    if (resultProcessor !== undefined && isAsyncIterable(result))
      setResultProcessor(
        (results, { Response }) =>
          new Response(new EventStream(results as AsyncIterable<Result>) as unknown as BodyInit, { headers: HEADERS }),
        EVENT_STREAM,
      )
  },
})

/** Events of one turn are one chunk of the response. */
export class EventStream extends Readable {
  readonly #results: AsyncIterator<Result>
  readonly #ping: NodeJS.Timeout
  #text = ''
  #isReading = false
  #hasRoom = true

  constructor(results: AsyncIterable<Result>) {
    super({ highWaterMark: FULL_LENGTH })
    this.#results = results[Symbol.asyncIterator]()
    this.push(COMMENT)
    this.#ping = setInterval(() => {
      if (this.readableLength === 0) this.#add(COMMENT)
    }, PING_INTERVAL_MS).unref()
  }

  override _read(): void {
    this.#hasRoom = true
    if (this.#isReading) return
    this.#isReading = true
    this.#readResults().catch(error => this.destroy(error))
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#ping)
    void this.#results.return?.()
    callback(error)
  }

  async #readResults(): Promise<void> {
    while (this.#hasRoom && this.#text.length < FULL_LENGTH) {
      const { value, done } = await this.#results.next()
      if (done) return this.#end()
      this.#addResult(stringify(value))
      while (this.#text.length < FULL_LENGTH) {
        const text = value.following?.()
        if (text === undefined) break
        this.#addResult(text)
      }
    }
    this.#isReading = false
  }

  #addResult(text: string): void {
    this.#add(`event: next\ndata: ${text}\n\n`)
  }

  #add(event: string): void {
    if (this.#text === '') process.nextTick(() => this.#flush())
    this.#text += event
  }

  #flush(): void {
    if (this.destroyed || this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#hasRoom = this.push(text)
  }

  #end(): void {
    clearInterval(this.#ping)
    this.#add('event: complete\ndata:\n\n')
    this.#flush()
    this.push(null)
  }
}
