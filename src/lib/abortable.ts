/** Aborts an operation that is over. Shared, because each `abort()` without a reason builds an exception with a stack. */
export const OVER = new DOMException('The operation is over', 'AbortError')

/** Settles as the promise does, or rejects with the signal's reason if that aborts first. */
export const abortable = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
