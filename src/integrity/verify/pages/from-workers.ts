import { setImmediate as tick } from 'node:timers/promises'
import { BEGINNING, type Position } from '../../../../schemas/events/recorded-event.ts'
import type { SharedTexts, WrittenLog } from '../../../event-store/event-store.ts'
import { WorkerClient, workerFile } from '../../../lib/worker-rpc.ts'
import type { FoldedIndex, FoldKey } from '../index-fingerprint.ts'
import type { LogPages, NumberedPage, StreamIndex } from './open.ts'
import { type LogPage, PageWriter } from './page.ts'
import { readPages } from './read.ts'
import type { LogRequest } from './worker.ts'

/** So many positions a thread is told to read at a time. */
const SHARE = 1000

/** A thread is asked for so many at a time, so that it never waits. */
const SHARES_AHEAD = 2

/** For each thread there may be so many that wait for what is before them: they are in memory. */
const MOST_WAITING = 8

/** A part of the log, read or being read. */
class Share {
  readonly reader: number
  readonly pages: readonly LogPage[] | Promise<readonly LogPage[]>
  isRead: boolean

  constructor(reader: number, pages: readonly LogPage[] | Promise<readonly LogPage[]>) {
    this.reader = reader
    this.pages = pages
    this.isRead = !(pages instanceof Promise)
    // Whoever waits for it is told; where another one fails first, nobody comes to.
    if (pages instanceof Promise)
      pages.then(
        () => {
          this.isRead = true
        },
        () => undefined,
      )
  }
}

/** Threads read it, and this one as well while there is nothing to put together. */
export class SharedPages implements LogPages {
  readonly index: StreamIndex
  readonly #written: WrittenLog
  readonly #writer = new PageWriter()
  readonly #threads: readonly WorkerClient<LogRequest>[]
  /** How much each of them is asked for. */
  readonly #asked: number[]

  constructor(written: WrittenLog, shared: SharedTexts, number: number) {
    this.#written = written
    const thread = (): WorkerClient<LogRequest> => new WorkerClient(workerFile('worker', import.meta.url), shared)
    this.#threads = Array.from({ length: number }, thread)
    this.#asked = this.#threads.map(() => 0)
    // It takes as long as many shares do: whoever is at it has enough.
    const fold = (indexKey: FoldKey) => this.#ask(number - 1, { indexKey }, SHARES_AHEAD) as Promise<FoldedIndex>
    this.index = { upTo: written.indexed, hidden: () => written.hidden(), fold }
  }

  async #ask(reader: number, request: LogRequest, weight: number): Promise<unknown> {
    this.#asked[reader] = (this.#asked[reader] as number) + weight
    const answer = await (this.#threads[reader] as WorkerClient<LogRequest>).ask(request)
    this.#asked[reader] = (this.#asked[reader] as number) - weight
    return answer
  }

  async *pages(): AsyncIterable<NumberedPage> {
    const shares: Share[] = []
    const threads = this.#threads.length
    let after: Position = BEGINNING
    const next = (): [Position, Position] => {
      const from = after
      after = Math.min(after + SHARE, this.#written.end)
      return [from, after]
    }
    const hasRoom = (): boolean => after < this.#written.end && shares.length < MOST_WAITING * (threads + 1)
    const askOn = (): void => {
      while (hasRoom()) {
        const least = Math.min(...this.#asked)
        if (least >= SHARES_AHEAD) return
        const reader = this.#asked.indexOf(least)
        const [from, to] = next()
        shares.push(new Share(reader, this.#ask(reader, { after: from, to }, 1) as Promise<LogPage[]>))
      }
    }
    askOn()
    for (;;) {
      const [share] = shares
      if (share?.isRead !== true && hasRoom()) {
        // What the others are at comes before this, and is put together as soon as it is there.
        shares.push(new Share(threads, [...readPages(this.#written, this.#writer, ...next())]))
        await tick()
      } else if (share !== undefined) {
        const pages = await share.pages
        shares.shift()
        for (const page of pages) yield { page, reader: share.reader }
      } else return
      askOn()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.end()))
  }
}
