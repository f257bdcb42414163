export type TimeZone = 'utc' | 'local'

interface CalendarTime {
  readonly year: number
  /** 0 to 11. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
}

const MINUTE_MS = 60_000

export const offsetMinutes = (time: number, zone: TimeZone): number =>
  zone === 'utc' ? 0 : -new Date(time).getTimezoneOffset()

export const calendarTime = (time: number, zone: TimeZone): CalendarTime => {
  const date = new Date(time + offsetMinutes(time, zone) * MINUTE_MS)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  }
}

export const timeOf = (year: number, month: number, day: number, hour: number, zone: TimeZone): number =>
  zone === 'utc' ? Date.UTC(year, month, day, hour) : new Date(year, month, day, hour).getTime()
