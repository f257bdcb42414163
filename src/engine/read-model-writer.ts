import { Worker } from 'node:worker_threads'
import type { Checkpoint, ModelId } from './read-model-database.ts'
import type { WriterAnswer, WriterRequest } from './read-model-thread.ts'
import { toLines, type WrittenRow } from './written-rows.ts'

/** Sources are run as they are, and what is packed is compiled: the thread's file has the ending of this one. */
const THREAD = new URL(`./read-model-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

interface Waiting {
  resolve(value: string | undefined): void
  reject(error: Error): void
}

/**
 * Writes read models down on a thread of its own, so that neither commands nor queries wait for it. Requests are done in
 * their order.
 */
export class ReadModelWriter {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  #failure: Error | undefined

  /** @param file the path of the read models' database, which must not be open in this thread any more */
  constructor(file: string) {
    this.#worker = new Worker(THREAD, { workerData: file })
    this.#worker.on('message', (answer: WriterAnswer) => {
      const waiting = this.#waiting.shift()
      if (this.#waiting.length === 0) this.#worker.unref()
      if ('error' in answer) waiting?.reject(new Error(answer.error))
      else waiting?.resolve(answer.value)
    })
    this.#worker.on('error', error => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new Error('the thread that writes read models has ended')))
    this.#worker.unref()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  #ask(request: WriterRequest): Promise<string | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
    // The process lives for as long as something is being written, and no longer on the thread's account.
    if (this.#waiting.length === 0) this.#worker.ref()
    this.#waiting.push({ resolve, reject })
    this.#worker.postMessage(request)
    return promise
  }

  /** Begins a write: nothing of it is there before `commit`, and what an earlier one left unfinished is gone. */
  async begin(): Promise<void> {
    await this.#ask({ ask: 'begin' })
  }

  async put(model: ModelId, table: string, rows: readonly WrittenRow[]): Promise<void> {
    await this.#ask({ ask: 'put', model, table, lines: toLines(rows) })
  }

  /** Ends the write: rows and positions of several read models, and what is removed of others, all as one. */
  async commit(checkpoints: readonly Checkpoint[], remove: readonly ModelId[]): Promise<void> {
    await this.#ask({ ask: 'commit', checkpoints, remove })
  }

  /** One row's JSON, as it was last written. */
  row(model: ModelId, table: string, key: string): Promise<string | undefined> {
    return this.#ask({ ask: 'row', model, table, key })
  }

  async startOver(firstEventId: string | undefined): Promise<void> {
    await this.#ask({ ask: 'startOver', firstEventId })
  }

  async close(): Promise<void> {
    await this.#ask({ ask: 'close' }).catch(() => undefined)
    await this.#worker.terminate()
  }
}
