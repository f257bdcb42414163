import { isatty } from 'node:tty'
import { io } from '../io.ts'

/** One Ctrl-C can send several signals. */
const ONE_PRESS_MS = 300

/**
 * A later signal ends the process immediately.
 *
 * @param onReload called by SIGHUP unless it comes from a terminal that was closed
 */
export const shutdownSignal = (onReload?: () => void): AbortSignal => io().signal ?? processSignal(onReload)

const hasTerminal = (): boolean => [0, 1, 2].some(descriptor => isatty(descriptor))

const processSignal = (onReload: (() => void) | undefined): AbortSignal => {
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort)
  process.on('SIGHUP', onReload === undefined || hasTerminal() ? abort : onReload)
  return controller.signal
}

/** Leaves the process of a caller that gave a signal. */
export const exitWithin = (ms: number, status: number): void => {
  if (io().signal === undefined) setTimeout(() => process.exit(status), ms).unref()
}

export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}
