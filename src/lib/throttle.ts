/** Calls `tell` at once, and then at most once in so many milliseconds: what goes on is told again, but not each time. */
export const throttle = <Args extends unknown[]>(milliseconds: number, tell: (...args: Args) => void) => {
  let toldAt = Number.NEGATIVE_INFINITY
  return (...args: Args): void => {
    const now = performance.now()
    if (now - toldAt < milliseconds) return
    toldAt = now
    tell(...args)
  }
}
