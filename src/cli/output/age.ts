const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago that was, in one unit, as kubectl says it: `45s`, `12m`, `3h`, `8d`. */
export const age = (time: string, now: number = Date.now()): string => {
  const passed = Math.max(0, now - Date.parse(time))
  if (passed < 2 * MINUTE) return `${Math.floor(passed / SECOND)}s`
  if (passed < 2 * HOUR) return `${Math.floor(passed / MINUTE)}m`
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)}h`
  return `${Math.floor(passed / DAY)}d`
}
