import { computed, effect, signal } from '@preact/signals'
import { at, parameter, setAt, setParameter } from '../routes/navigation.ts'
import { isPosition } from '../routes/route.ts'
import { now } from './clock.ts'
import {
  advanceTo,
  fitRecord,
  followRecord,
  parseWindow,
  type RecordSpan,
  reveal,
  type TimeWindow,
} from './time-window.ts'
import type { TimeZone } from './time-zone.ts'

const ZONE_KEY = 'hark.zone'

export const head = signal('')
/** Times of the first and last event; undefined for an empty log. */
export const record = signal<RecordSpan | undefined>(undefined)
/** The span that the time bar and the lanes show; undefined for an empty log. */
export const shownWindow = signal<TimeWindow | undefined>(undefined)
export const zone = signal<TimeZone>(localStorage.getItem(ZONE_KEY) === 'local' ? 'local' : 'utc')

const windowInAddress = parseWindow(parameter('from'), parameter('to'))
/** A chosen window is in the address, so that a link shows the same. */
const isChosen = signal(windowInAddress !== undefined)

effect(() => {
  const window = shownWindow.value
  if (!isChosen.value || window === undefined) return
  setParameter('from', new Date(Math.round(window.from)).toISOString())
  setParameter('to', new Date(Math.round(window.to)).toISOString())
})

effect(() => {
  const time = now.value
  const [window, span] = [shownWindow.peek(), record.peek()]
  if (window === undefined || span === undefined || isChosen.peek()) return
  shownWindow.value = advanceTo(window, span, time)
})

export const showWindow = (window: TimeWindow): void => {
  shownWindow.value = window
  isChosen.value = true
}

const timesOfPositions = signal<ReadonlyMap<string, number>>(new Map())

/** Time of the moment that the page shows; undefined for the present, or while the time of a position is unknown. */
export const momentTime = computed(() => {
  const moment = at.value
  if (moment === undefined) return undefined
  return isPosition(moment) ? timesOfPositions.value.get(moment) : Date.parse(moment)
})

/** Whether the address has a position that no event has yet: the engine then returns the present. */
export const isAfterHead = computed(() => at.value !== undefined && isPosition(at.value) && at.value > head.value)

export const isPast = computed(() => at.value !== undefined && !isAfterHead.value)

/** Changes whenever the present may have changed, and is constant in the past. */
export const version = computed(() => (at.value === undefined ? head.value : ''))

export const setZone = (value: TimeZone): void => {
  localStorage.setItem(ZONE_KEY, value)
  zone.value = value
}

export const learnTime = (position: string, time: number): void => {
  if (timesOfPositions.peek().has(position)) return
  timesOfPositions.value = new Map(timesOfPositions.peek()).set(position, time)
}

export const showEvent = (position: string, time: string | number): void => {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  learnTime(position, ms)
  if (shownWindow.peek() !== undefined) shownWindow.value = reveal(shownWindow.peek()!, ms)
  setAt(position)
}

export const showTime = (time: number): void => {
  const last = record.peek()?.last ?? 0
  setAt(time > last ? undefined : new Date(Math.round(time)).toISOString())
}

export const showPresent = (): void => {
  setAt(undefined)
  const span = record.peek()
  const window = shownWindow.peek()
  if (span === undefined || window === undefined || span.last <= window.to) return
  shownWindow.value = reveal(window, span.last)
}

export const showWholeRecord = (): void => {
  isChosen.value = false
  setParameter('from', undefined)
  setParameter('to', undefined)
  const span = record.peek()
  if (span !== undefined) shownWindow.value = fitRecord(span, now.peek())
}

export const recordGrew = (position: string, time: number): void => {
  head.value = position
  const before = record.peek()
  const after = { first: before?.first ?? time, last: Math.max(before?.last ?? time, time) }
  record.value = after
  const window = shownWindow.peek()
  shownWindow.value =
    before === undefined || window === undefined
      ? fitRecord(after, now.peek())
      : followRecord(window, before, after, now.peek())
}

export const recordIs = (position: string, span: RecordSpan | undefined): void => {
  head.value = position
  record.value = span
  if (span !== undefined && shownWindow.peek() === undefined)
    shownWindow.value = windowInAddress ?? fitRecord(span, now.peek())
}
