const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Uses one unit, as kubectl does: `45s`, `12m`, `3h`, `8d`. */
export const age = (time: string, now: number = Date.now()): string => {
  const passed = Math.max(0, now - Date.parse(time))
  if (passed < 2 * MINUTE) return `${Math.floor(passed / SECOND)}s`
  if (passed < 2 * HOUR) return `${Math.floor(passed / MINUTE)}m`
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)}h`
  return `${Math.floor(passed / DAY)}d`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** `2d3h`, `1m30s` or `4.250s`. */
export const formatDuration = (milliseconds: number): string => {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)}s`
  const parts: string[] = []
  let rest = milliseconds
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`)
  }
  return parts.join('')
}
