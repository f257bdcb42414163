import { parentPort, Worker } from 'node:worker_threads'

interface Call {
  readonly method: string
  readonly args: readonly unknown[]
}

type Reply = { readonly value: unknown } | { readonly error: string; readonly errcode: number | undefined }

/** The methods of an object in another thread. Arguments and results are cloned. */
export type Remote<Target> = {
  readonly [Name in keyof Target as Target[Name] extends (...args: never) => unknown
    ? Name
    : never]: Target[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

/** A call that failed in the other thread. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  /** SQLite's result code, if SQLite failed. */
  readonly errcode: number | undefined

  constructor(message: string, errcode: number | undefined) {
    super(message)
    this.errcode = errcode
  }
}

/** Serves the methods of an object to the thread that started this one, one call after the other. */
export const serve = (target: object): void => {
  parentPort?.on('message', ({ method, args }: Call) => {
    const reply = (message: Reply) => parentPort?.postMessage(message)
    try {
      const call = (target as Record<string, (...args: readonly unknown[]) => unknown>)[method]
      reply({ value: call?.apply(target, args as unknown[]) })
    } catch (error) {
      const { message, errcode } = error as Error & { readonly errcode?: number }
      reply({ error: message, errcode })
    }
  })
}

/** Calls are short-lived: by default V8 would give the thread a far larger young generation. */
const YOUNG_MB = 8

export interface Connection<Target> {
  /** Calls run in order. They reject with RemoteError, or with the reason why the thread has ended. */
  readonly remote: Remote<Target>
  /** Ends the thread. Pending calls reject. */
  end(): Promise<void>
}

/**
 * Starts a thread and returns the object that it serves. The process stays alive while a call is pending.
 *
 * @param file a module that calls `serve`; it finds `data` as its `workerData`
 * @param onFailure called if the thread ends by itself: every later call rejects
 */
export const connect = <Target>(file: URL, data: unknown, onFailure: (error: Error) => void): Connection<Target> => {
  const worker = new Worker(file, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
  const pending: PromiseWithResolvers<unknown>[] = []
  let failure: Error | undefined
  let isEnding = false
  const fail = (error: Error): void => {
    if (failure === undefined) {
      failure = error
      if (!isEnding) onFailure(error)
    }
    for (const { reject } of pending.splice(0)) reject(failure)
  }
  worker.on('message', (reply: Reply) => {
    const call = pending.shift()
    if (pending.length === 0) worker.unref()
    if ('error' in reply) call?.reject(new RemoteError(reply.error, reply.errcode))
    else call?.resolve(reply.value)
  })
  worker.on('error', error => fail(error as Error))
  worker.on('exit', () => fail(new Error('the thread has ended')))
  worker.unref()
  const invoke = (method: string, args: readonly unknown[]): Promise<unknown> => {
    if (failure !== undefined) return Promise.reject(failure)
    const call = Promise.withResolvers<unknown>()
    if (pending.length === 0) worker.ref()
    pending.push(call)
    worker.postMessage({ method, args } satisfies Call)
    return call.promise
  }
  const remote = new Proxy(
    {},
    {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          invoke(method, args),
    },
  )
  return {
    remote: remote as Remote<Target>,
    end: async () => {
      isEnding = true
      await worker.terminate()
    },
  }
}

/** The URL of a worker module beside this one, whether sources or compiled files run. */
export const workerFile = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl)
