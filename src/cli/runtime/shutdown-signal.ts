import { io } from '../io.ts'

/** One press of Ctrl-C reaches a process several times: from the terminal, and from its parent. */
const ONE_PRESS_MS = 300

/** Aborted at the first signal to end; a later one ends the process at once. */
export const shutdownSignal = (): AbortSignal => io().signal ?? processSignal()

const processSignal = (): AbortSignal => {
  const controller = new AbortController()
  let abortedAt: number | undefined
  const abort = (): void => {
    if (abortedAt === undefined) {
      abortedAt = performance.now()
      controller.abort()
    } else if (performance.now() - abortedAt > ONE_PRESS_MS) {
      process.exit(130)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, abort)
  return controller.signal
}

export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}
