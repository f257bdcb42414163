import { calendarTime, offsetMinutes, type TimeZone } from './time-zone.ts'

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

const two = (value: number): string => String(value).padStart(2, '0')

export const zoneName = (time: number, zone: TimeZone): string => {
  if (zone === 'utc') return 'UTC'
  const offset = offsetMinutes(time, zone)
  const absolute = Math.abs(offset)
  return `${offset < 0 ? '−' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}

export const formatDate = (time: number, zone: TimeZone): string => {
  const { year, month, day } = calendarTime(time, zone)
  return `${year}-${two(month + 1)}-${two(day)}`
}

export const formatClock = (time: number, zone: TimeZone): string => {
  const { hour, minute, second, millisecond } = calendarTime(time, zone)
  return `${two(hour)}:${two(minute)}:${two(second)}.${String(millisecond).padStart(3, '0')}`
}

export const formatSeconds = (time: number, zone: TimeZone): string => formatClock(time, zone).slice(0, -4)

export const formatTime = (time: number, zone: TimeZone): string =>
  `${formatDate(time, zone)} ${formatClock(time, zone)} ${zoneName(time, zone)}`

/** As the API takes a time, in whole milliseconds. */
export const isoTime = (time: number): string => new Date(Math.round(time)).toISOString()

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const

export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const [unit, size] = UNITS.find(([, least]) => ms >= least) ?? UNITS[2]
  const [lesser, lesserSize] = UNITS[UNITS.findIndex(([name]) => name === unit) + 1] ?? (['s', 1000] as const)
  const rest = Math.floor((ms % size) / lesserSize)
  return rest === 0 ? `${Math.floor(ms / size)} ${unit}` : `${Math.floor(ms / size)} ${unit} ${rest} ${lesser}`
}
