/** Aborts an operation that is over. Shared, because each `abort()` without a reason builds an exception with a stack. */
export const OVER = new DOMException('The operation is over', 'AbortError')

/** Settles as a promise does, unless the signal comes first: then it rejects with the signal's reason. */
export const abortable = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  const given = Promise.withResolvers<never>()
  const give = (): void => given.reject(signal.reason)
  if (signal.aborted) give()
  else signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([promise, given.promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
