/** One press of Ctrl-C reaches a process several times: from the terminal, and from whoever started it. */
const ONE_PRESS_MS = 300

/** Aborted at the first signal to end; one that comes later ends the process at once. */
export const shutdownSignal = (): AbortSignal => {
  const controller = new AbortController()
  let toldAt: number | undefined
  const tell = (): void => {
    if (toldAt === undefined) {
      toldAt = performance.now()
      controller.abort()
    } else if (performance.now() - toldAt > ONE_PRESS_MS) {
      process.exit(130)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, tell)
  return controller.signal
}

/** Resolves when the signal is aborted. */
export const aborted = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}
