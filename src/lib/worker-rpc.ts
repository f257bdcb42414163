import { parentPort, Worker } from 'node:worker_threads'

interface Call {
  readonly method: string
  readonly args: readonly unknown[]
}

interface Failure {
  readonly error: string
  readonly errcode: number | undefined
}

type Reply = { readonly value: unknown } | Failure

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

type Invoke = (method: string, args: readonly unknown[]) => Promise<unknown>

/** Each call begins when the one before has settled. */
const inOrder = (targetOf: (method: string) => object): Invoke => {
  let last: Promise<unknown> = Promise.resolve()
  return (method, args) => {
    const run = () => (targetOf(method) as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args)
    const result = last.then(run)
    last = result.catch(() => undefined)
    return result
  }
}

const failureOf = (error: unknown): Failure => {
  const { message, errcode } = error as Error & { readonly errcode?: number }
  return { error: message, errcode }
}

export const serveFrom = (targetOf: (method: string) => object): void => {
  const invoke = inOrder(targetOf)
  const reply = (message: Reply) => parentPort?.postMessage(message)
  parentPort?.on('message', ({ method, args }: Call) => {
    invoke(method, args)
      .then(value => reply({ value }))
      .catch(error => reply(failureOf(error)))
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

const remoteOf = <Target>(invoke: Invoke): Remote<Target> => {
  const get =
    (_: object, method: string) =>
    (...args: unknown[]) =>
      invoke(method, args)
  return new Proxy({}, { get }) as Remote<Target>
}

/** Without a thread; arguments and results are not cloned. */
export const connectLocally = <Target>(targetOf: (method: string) => object): Connection<Target> => {
  const invoke = inOrder(targetOf)
  return {
    remote: remoteOf((method, args) =>
      invoke(method, args).catch(thrown => {
        const { error, errcode } = failureOf(thrown)
        throw new RemoteError(error, errcode)
      }),
    ),
    end: async () => undefined,
  }
}

export const connect = <Target>(
  file: URL,
  data: unknown,
  onFailure: (error: Error) => void,
  youngMb = YOUNG_MB,
): Connection<Target> => {
  const worker = new Worker(file, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: youngMb } })
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
