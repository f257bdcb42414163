import { parentPort, Worker, workerData } from 'node:worker_threads'

interface Call {
  readonly method: string
  readonly args: readonly unknown[]
}

interface Opening {
  readonly data: unknown
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

/** Returns the object with a method. */
type TargetOf = (method: string) => object

/**
 * Each call begins when the one before has settled.
 *
 * @param open called with the data of each connection
 */
export const serveFrom = (open: (data: unknown) => TargetOf): void => {
  let targetOf = open(workerData)
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
  parentPort?.on('message', (message: Call | Opening) => {
    if ('method' in message) last = last.then(() => run(message))
    else targetOf = open(message.data)
  })
}

export const serve = (target: object): void => serveFrom(() => () => target)

/** Calls are short-lived, and V8's default young generation is far larger. */
const YOUNG_MB = 8
/** Starting a thread takes a tenth of a second of processor time. */
const KEPT_MS = 2000

const released = new Map<string, Set<Worker>>()

const withoutListeners = (worker: Worker): Worker =>
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit')

const takeReleased = (file: URL): Worker | undefined => {
  const [worker] = released.get(file.href) ?? []
  if (worker === undefined) return undefined
  released.get(file.href)?.delete(worker)
  return withoutListeners(worker)
}

const keep = (worker: Worker, file: URL): void => {
  const workers = released.get(file.href) ?? new Set()
  released.set(file.href, workers.add(worker))
  const drop = (): boolean => workers.delete(worker)
  withoutListeners(worker).on('error', drop).on('exit', drop).unref()
  setTimeout(() => drop() && worker.terminate(), KEPT_MS).unref()
}

export interface Connection<Target> {
  /** Calls reject with RemoteError, or with the reason why the thread ended. */
  readonly remote: Remote<Target>
  end(): Promise<void>
  /** Leaves the thread to the next connection to its file. The target must be closed. */
  release(): Promise<void>
}

type Invoke = (method: string, args: readonly unknown[]) => Promise<unknown>

const remoteOf = <Target>(invoke: Invoke): Remote<Target> => {
  const get =
    (_: object, method: string) =>
    (...args: unknown[]) =>
      invoke(method, args)
  return new Proxy({}, { get }) as Remote<Target>
}

export const connectLocally = <Target>(targetOf: TargetOf): Connection<Target> => ({
  remote: remoteOf(async (method, args) => {
    const target = targetOf(method) as Record<string, (...args: readonly unknown[]) => unknown>
    return target[method]?.(...args)
  }),
  end: async () => undefined,
  release: async () => undefined,
})

/**
 * @param file a module that calls `serve`, with `data` as its `workerData`
 * @param onFailure called if the thread ends by itself; later calls reject
 */
export const connect = <Target>(file: URL, data: unknown, onFailure: (error: Error) => void): Connection<Target> => {
  const kept = takeReleased(file)
  kept?.postMessage({ data } satisfies Opening)
  const worker = kept ?? new Worker(file, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
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
  const end = async (): Promise<void> => {
    isEnding = true
    await worker.terminate()
  }
  return {
    remote: remoteOf(invoke),
    end,
    release: async () => {
      if (failure !== undefined || pending.length > 0) return end()
      failure = new Error('the connection was released')
      keep(worker, file)
    },
  }
}

export const workerFile = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl)
