import { MONTHS } from './format-time.ts'
import { type TimeWindow, xOf } from './time-window.ts'
import { calendarTime, offsetMinutes, type TimeZone, timeOf } from './time-zone.ts'

export interface Tick {
  readonly time: number
  readonly x: number
  readonly label: string
  readonly isMajor: boolean
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTH = 30 * DAY
const YEAR = 365 * DAY

const SHORT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND]
const STEPS = [
  ...SHORT_STEPS,
  ...[30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY],
  ...[MONTH, 3 * MONTH, 6 * MONTH, YEAR, 2 * YEAR, 5 * YEAR, 10 * YEAR],
]

const two = (value: number): string => String(value).padStart(2, '0')

const stepFor = (window: TimeWindow, width: number, gap: number): number => {
  const least = ((window.to - window.from) * gap) / Math.max(width, 1)
  return STEPS.find(step => step >= least) ?? 10 * YEAR
}

const calendarTimes = function* (from: number, step: number, zone: TimeZone): Generator<number> {
  const { year, month, day, hour } = calendarTime(from, zone)
  for (let n = 0; ; n += 1) {
    if (step >= YEAR) {
      const years = Math.round(step / YEAR)
      yield timeOf(Math.floor(year / years) * years + n * years, 0, 1, 0, zone)
    } else if (step >= MONTH) {
      const months = Math.round(step / MONTH)
      yield timeOf(year, Math.floor(month / months) * months + n * months, 1, 0, zone)
    } else if (step >= DAY) yield timeOf(year, month, day + n * Math.round(step / DAY), 0, zone)
    else {
      const hours = step / HOUR
      yield timeOf(year, month, day, Math.floor(hour / hours) * hours + n * hours, zone)
    }
  }
}

const shortTimes = function* (from: number, step: number, zone: TimeZone): Generator<number> {
  const offset = offsetMinutes(from, zone) * MINUTE
  const first = Math.ceil((from + offset) / step) * step - offset
  for (let n = 0; ; n += 1) yield first + n * step
}

const labelOf = (time: number, step: number, zone: TimeZone): Pick<Tick, 'label' | 'isMajor'> => {
  const { year, month, day, hour, minute, second, millisecond } = calendarTime(time, zone)
  if (month === 0 && day === 1 && step >= DAY && hour === 0) return { label: String(year), isMajor: true }
  if (step >= MONTH) return { label: MONTHS[month] ?? '', isMajor: false }
  if (hour === 0 && minute === 0 && second === 0 && millisecond === 0)
    return { label: `${day} ${MONTHS[month]}`, isMajor: step < DAY || day === 1 }
  const clock = `${two(hour)}:${two(minute)}`
  if (step >= MINUTE) return { label: clock, isMajor: false }
  if (step >= SECOND) return { label: `${clock}:${two(second)}`, isMajor: false }
  const digits = step >= 100 ? 1 : step >= 10 ? 2 : 3
  const fraction = String(millisecond).padStart(3, '0').slice(0, digits)
  return { label: `${clock}:${two(second)}.${fraction}`, isMajor: false }
}

const NARROW_PX = 400

/** @param gap least distance of ticks in pixels */
export const ticksOf = (
  window: TimeWindow,
  width: number,
  zone: TimeZone,
  gap = width < NARROW_PX ? 76 : 96,
): readonly Tick[] => {
  const step = stepFor(window, width, gap)
  const ticks: Tick[] = []
  for (const time of step >= HOUR ? calendarTimes(window.from, step, zone) : shortTimes(window.from, step, zone)) {
    if (time > window.to) return ticks
    if (time >= window.from) ticks.push({ time, x: xOf(window, width, time), ...labelOf(time, step, zone) })
  }
  return ticks
}
