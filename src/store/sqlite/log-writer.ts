import type { Position } from '../../../schemas/recorded-event.ts'
import { AskedThread, threadFile } from '../../threads/asked-thread.ts'
import type { CommitRequest } from './commit-thread.ts'
import type { EventTable } from './event-table.ts'
import { toLines, type WrittenEvent } from './written-events.ts'

/** From so many events on, a commit is worth the way to a thread and back. */
const WORTH_A_THREAD = 8

/**
 * Commits events to the log. A few are committed at once, which is quickest for whoever waits. Many are committed on a
 * thread, so that others decide and project while the disk is at work. One commit is under way at a time.
 */
export class LogWriter {
  readonly #file: string
  readonly #table: EventTable
  #thread: AskedThread<CommitRequest> | undefined
  #asked = 0

  constructor(file: string, table: EventTable) {
    this.#file = file
    this.#table = table
  }

  /** Commits all events or none. Undefined where they are durable already; throws, or rejects, where nothing was written. */
  commit(events: readonly WrittenEvent[]): Promise<void> | undefined {
    // Two connections cannot write at a time: what the thread has begun, it goes on with.
    if (this.#asked > 0 || events.length >= WORTH_A_THREAD) return this.#ask({ ask: 'commit', lines: toLines(events) })
    const [only] = events
    if (events.length === 1 && only !== undefined) this.#table.insert(only)
    else this.#table.insertAll(events)
    return undefined
  }

  /** Brings the index of streams up to a position. */
  async index(to: Position): Promise<void> {
    if (this.#thread === undefined) this.#table.indexTo(to)
    else await this.#ask({ ask: 'index', to })
  }

  async #ask(request: CommitRequest): Promise<void> {
    this.#thread ??= new AskedThread(threadFile('commit-thread', import.meta.url), this.#file)
    this.#asked += 1
    try {
      await this.#thread.ask(request)
    } finally {
      this.#asked -= 1
    }
  }

  async close(): Promise<void> {
    if (this.#thread === undefined) return
    await this.#thread.ask({ ask: 'close' }).catch(() => undefined)
    await this.#thread.end()
  }
}
