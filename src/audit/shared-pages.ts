import { BEGINNING, type Position } from '../../schemas/recorded-event.ts'
import type { WrittenLog } from '../store/event-store.ts'
import { AskedThread, threadFile } from '../threads/asked-thread.ts'
import type { FoldedIndex, FoldKey } from './index-fold.ts'
import type { LogPage } from './log-page.ts'
import type { LogPages, NumberedPage, StreamIndex } from './log-pages.ts'
import type { LogRequest, LogThreadData } from './log-thread.ts'

/** So many positions a thread is told to read at a time. */
const SHARE = 1000

/** Of each thread ahead of what is wanted, so that none ever waits, and no more, as they are in memory. */
const SHARES_AHEAD = 2

/** Threads read it, each a share in its turn. */
export class SharedPages implements LogPages {
  readonly index: StreamIndex
  readonly #end: Position
  readonly #threads: readonly AskedThread<LogRequest>[]
  /** How much each of them is asked for. */
  readonly #asked: number[]

  constructor({ end, indexed, hidden }: WrittenLog, file: string, number: number) {
    this.#end = end
    const data: LogThreadData = { file }
    const thread = (): AskedThread<LogRequest> => new AskedThread(threadFile('log-thread', import.meta.url), data)
    this.#threads = Array.from({ length: number }, thread)
    this.#asked = this.#threads.map(() => 0)
    // It takes as long as many shares do: whoever is at it has enough.
    const fold = (indexKey: FoldKey) => this.#ask(number - 1, { indexKey }, SHARES_AHEAD) as Promise<FoldedIndex>
    this.index = { upTo: indexed, hidden, fold }
  }

  async #ask(reader: number, request: LogRequest, weight: number): Promise<unknown> {
    this.#asked[reader] = (this.#asked[reader] as number) + weight
    const answer = await (this.#threads[reader] as AskedThread<LogRequest>).ask(request)
    this.#asked[reader] = (this.#asked[reader] as number) - weight
    return answer
  }

  async *pages(): AsyncIterable<NumberedPage> {
    const ahead: { readonly reader: number; readonly pages: Promise<readonly LogPage[]> }[] = []
    let after: Position = BEGINNING
    const askOn = (): void => {
      for (; after < this.#end; after += SHARE) {
        const least = Math.min(...this.#asked)
        if (least >= SHARES_AHEAD && ahead.length > 0) return
        const reader = this.#asked.indexOf(least)
        const pages = this.#ask(reader, { after, to: Math.min(after + SHARE, this.#end) }, 1) as Promise<LogPage[]>
        // Where another one fails first, nobody comes to wait for this one.
        pages.catch(() => undefined)
        ahead.push({ reader, pages })
      }
    }
    askOn()
    for (let share = ahead.shift(); share !== undefined; share = ahead.shift()) {
      const pages = await share.pages
      askOn()
      for (const page of pages) yield { page, reader: share.reader }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.end()))
  }
}
