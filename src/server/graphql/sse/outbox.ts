import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** Unread characters above which operations wait. */
const FULL_LENGTH = 16_384
/** Before the first event, it sends the headers. */
const COMMENT = ':\n\n'
const PING_INTERVAL_MS = 12_000

interface Unread {
  readonly text: string
  readonly onRead: (() => void) | undefined
}

export class SseOutbox {
  readonly #unread: Unread[] = []
  #length = 0
  #isEnded = false
  #waiting: (() => void)[] = []
  #wake: () => void = () => undefined
  #ping: NodeJS.Timeout | undefined

  get isEnded(): boolean {
    return this.#isEnded
  }

  connect(response: ServerResponse): Readable {
    response.on('drain', () => this.#wake())
    this.#push({ text: COMMENT, onRead: undefined }, true)
    this.#ping = setInterval(() => {
      if (this.#unread.length === 0) this.send(COMMENT)
    }, PING_INTERVAL_MS).unref()
    return Readable.from(this.#texts(response))
  }

  send(text: string, onRead?: () => void): void {
    if (this.#isEnded) onRead?.()
    else this.#push({ text, onRead })
  }

  room(): Promise<void> | undefined {
    if (!this.#isFull) return undefined
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  end(): void {
    this.#isEnded = true
    clearInterval(this.#ping)
    this.#wake()
  }

  close(): void {
    this.end()
    for (const { onRead } of this.#unread.splice(0)) onRead?.()
    this.#length = 0
    this.#resume()
  }

  get #isFull(): boolean {
    return this.#length > FULL_LENGTH
  }

  #push(event: Unread, isFirst = false): void {
    if (isFirst) this.#unread.unshift(event)
    else this.#unread.push(event)
    this.#length += event.text.length
    this.#wake()
  }

  async *#texts(response: ServerResponse): AsyncGenerator<string> {
    for (;;) {
      const [next] = this.#unread
      if (next === undefined && this.#isEnded) return
      if (next === undefined) {
        await this.#changed()
        continue
      }
      yield next.text
      while (response.writableNeedDrain && this.#unread[0] === next) await this.#changed()
      this.#read()
    }
  }

  #changed(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  #read(): void {
    const read = this.#unread.shift()
    if (read === undefined) return
    this.#length -= read.text.length
    read.onRead?.()
    if (!this.#isFull) this.#resume()
  }

  #resume(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}
