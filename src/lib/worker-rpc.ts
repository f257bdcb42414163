import { Worker } from 'node:worker_threads'

/** What a thread answers to a request: a value that can be copied, or why there is none. */
type Answer = { readonly value: unknown } | { readonly error: string; readonly errcode: number | undefined }

/** What a thread could not do, in its own words. */
export class NotDone extends Error {
  override readonly name = 'NotDone'
  /** Of SQLite's, where that failed. */
  readonly errcode: number | undefined

  constructor(message: string, errcode: number | undefined) {
    super(message)
    this.errcode = errcode
  }
}

/** What a thread handles is soon done with: left to itself it would take far more room than that needs. */
const YOUNG_MB = 8

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A thread that is asked things and answers each, in the order in which it was asked. See `answerRequests`. */
export class WorkerClient<Request> {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #onFailure: (error: Error) => void
  #isEnding = false
  #failure: Error | undefined

  /**
   * @param file the module that runs in the thread, which calls `answerRequests`; it finds `data` as its workerData
   * @param onFailure called where the thread ends by itself: nothing is answered any more
   */
  constructor(file: URL, data: unknown, onFailure: (error: Error) => void = () => undefined) {
    this.#onFailure = onFailure
    this.#worker = new Worker(file, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
    this.#worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.shift()
      if (this.#waiting.length === 0) this.#worker.unref()
      if ('error' in answer) waiting?.reject(new NotDone(answer.error, answer.errcode))
      else waiting?.resolve(answer.value)
    })
    this.#worker.on('error', error => this.#fail(error as Error))
    this.#worker.on('exit', () => this.#fail(new Error('the thread has ended')))
    this.#worker.unref()
  }

  #fail(error: Error): void {
    if (this.#failure === undefined) {
      this.#failure = error
      if (!this.#isEnding) this.#onFailure(error)
    }
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }

  /** Rejects with NotDone where the thread could not do it, and with what ended it where it has ended. */
  ask(request: Request): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    // The process lives for as long as something is asked, and no longer on the thread's account.
    if (this.#waiting.length === 0) this.#worker.ref()
    this.#waiting.push({ resolve, reject })
    this.#worker.postMessage(request)
    return promise
  }

  /** Ends the thread; what was asked before should have been answered. */
  async end(): Promise<void> {
    this.#isEnding = true
    await this.#worker.terminate()
  }
}

/** The worker's file beside a module: sources run as they are, and what is packed is compiled, so it ends alike. */
export const workerFile = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl)
