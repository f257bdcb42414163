import { parentPort, Worker } from 'node:worker_threads'

interface Call {
  readonly method: string
  readonly args: readonly unknown[]
}

type Reply = { readonly value: unknown } | { readonly error: string; readonly errcode: number | undefined }

/** Arguments and results are cloned. */
export type Remote<Target> = {
  readonly [Name in keyof Target as Target[Name] extends (...args: never) => unknown
    ? Name
    : never]: Target[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  /** SQLite's result code. */
  readonly errcode: number | undefined

  constructor(message: string, errcode: number | undefined) {
    super(message)
    this.errcode = errcode
  }
}

/**
 * Each call begins when the one before has settled.
 *
 * @param targetOf returns the object with a method
 */
export const serveFrom = (targetOf: (method: string) => object): void => {
  const reply = (message: Reply) => parentPort?.postMessage(message)
  const run = async ({ method, args }: Call): Promise<void> => {
    try {
      const target = targetOf(method)
      const call = (target as Record<string, (...args: readonly unknown[]) => unknown>)[method]
      reply({ value: await call?.apply(target, args as unknown[]) })
    } catch (error) {
      const { message, errcode } = error as Error & { readonly errcode?: number }
      reply({ error: message, errcode })
    }
  }
  let last = Promise.resolve()
  parentPort?.on('message', (call: Call) => {
    last = last.then(() => run(call))
  })
}

export const serve = (target: object): void => serveFrom(() => target)

/** Calls are short-lived, and V8's default young generation is far larger. */
const YOUNG_MB = 8

export interface Connection<Target> {
  /** Calls reject with RemoteError, or with the reason why the thread ended. */
  readonly remote: Remote<Target>
  end(): Promise<void>
}

type Invoke = (method: string, args: readonly unknown[]) => Promise<unknown>

const remoteOf = <Target>(invoke: Invoke): Remote<Target> => {
  const get =
    (_: object, method: string) =>
    (...args: unknown[]) =>
      invoke(method, args)
  return new Proxy({}, { get }) as Remote<Target>
}

export const connectLocally = <Target>(targetOf: (method: string) => object): Connection<Target> => ({
  remote: remoteOf(async (method, args) => {
    const target = targetOf(method) as Record<string, (...args: readonly unknown[]) => unknown>
    return target[method]?.(...args)
  }),
  end: async () => undefined,
})

/** @param file a module that calls `serve`, with `data` as its `workerData` */
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
  const invoke: Invoke = (method, args) => {
    if (failure !== undefined) return Promise.reject(failure)
    const call = Promise.withResolvers<unknown>()
    if (pending.length === 0) worker.ref()
    pending.push(call)
    worker.postMessage({ method, args } satisfies Call)
    return call.promise
  }
  return {
    remote: remoteOf(invoke),
    end: async () => {
      isEnding = true
      await worker.terminate()
    },
  }
}

export const workerFile = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl)
