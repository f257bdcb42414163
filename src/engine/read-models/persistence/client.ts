import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { WorkerClient, workerFile } from '../../../lib/worker-rpc.ts'
import type { PastQuery } from '../../history/as-of-query.ts'
import type { ModelKeys } from '../../history/as-of-tables.ts'
import type { Unobserved } from '../../history/observed-time.ts'
import type { EncodedVersions } from '../../history/pending-versions.ts'
import type { StoredMoment } from '../../history/version-store.ts'
import type { ModelId } from './database.ts'
import { toLines, type WrittenRow } from './row-lines.ts'
import type { WriterRequest } from './worker.ts'

/**
 * Writes read models down on a thread of its own, so that neither commands nor queries wait for it. Requests are done in
 * their order.
 */
export class ReadModelWriter {
  readonly #thread: WorkerClient<WriterRequest>

  /**
   * @param file the path of the read models' database, which must not be open in this thread any more
   * @param onFailure called where the thread ends by itself: nothing is written any more
   */
  constructor(file: string, onFailure: (error: Error) => void) {
    this.#thread = new WorkerClient(workerFile('worker', import.meta.url), file, onFailure)
  }

  /** Begins a write: nothing of it is there before `commit`, and what an earlier one left unfinished is gone. */
  async begin(): Promise<void> {
    await this.#thread.ask({ ask: 'begin' })
  }

  async put(model: ModelId, table: string, rows: readonly WrittenRow[]): Promise<void> {
    await this.#thread.ask({ ask: 'put', model, table, lines: toLines(rows) })
  }

  async putVersions(versions: EncodedVersions): Promise<void> {
    await this.#thread.ask({ ask: 'putVersions', ...versions })
  }

  /** @param moments pairs of a time in milliseconds since 1970, and the position of the last event at it */
  async putMoments(moments: Float64Array): Promise<void> {
    await this.#thread.ask({ ask: 'putMoments', moments })
  }

  /** Of what is written down. */
  async positionAt(time: number): Promise<Position | undefined> {
    return (await this.#thread.ask({ ask: 'positionAt', time })) as Position | undefined
  }

  /** Of what is written down: the last moment at or before a position. */
  async momentBefore(position: Position): Promise<StoredMoment | undefined> {
    return (await this.#thread.ask({ ask: 'momentBefore', position })) as StoredMoment | undefined
  }

  /** Of what is written down. */
  past(models: ModelKeys, position: Position, query: PastQuery, unobserved?: Unobserved): Promise<unknown> {
    return this.#thread.ask({ ask: 'past', models, position, query, unobserved })
  }

  /** Ends the write: rows, versions and positions of several read models, the event they go up to, what is removed, all as one. */
  async commit(committed: Omit<Extract<WriterRequest, { ask: 'commit' }>, 'ask'>): Promise<void> {
    await this.#thread.ask({ ask: 'commit', ...committed })
  }

  /** One row's JSON, as it was last written. */
  async row(model: ModelId, table: string, key: string): Promise<string | undefined> {
    return (await this.#thread.ask({ ask: 'row', model, table, key })) as string | undefined
  }

  async startOver(): Promise<void> {
    await this.#thread.ask({ ask: 'startOver' })
  }

  async close(): Promise<void> {
    await this.#thread.ask({ ask: 'close' }).catch(() => undefined)
    await this.#thread.end()
  }
}
