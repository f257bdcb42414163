export const throttle = <Args extends unknown[]>(intervalMs: number, work: (...args: Args) => void) => {
  let calledAt = Number.NEGATIVE_INFINITY
  return (...args: Args): void => {
    const now = performance.now()
    if (now - calledAt < intervalMs) return
    calledAt = now
    work(...args)
  }
}
