/** Resolves after so many milliseconds; rejects with the signal's reason as soon as that is aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const give = (): void => {
    clearTimeout(timer)
    reject(signal.reason)
  }
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', give)
    resolve()
  }, milliseconds)
  if (signal.aborted) give()
  else signal.addEventListener('abort', give, { once: true })
  return promise
}
