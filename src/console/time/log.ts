import { batch, computed, effect, signal, untracked } from '@preact/signals'
import { at, isInvalidAt, parameter, restored, setAt, setParameter } from '../routes/navigation.ts'
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
/** Undefined for an empty log. */
export const record = signal<RecordSpan | undefined>(undefined)
/** Undefined for an empty log. */
export const shownWindow = signal<TimeWindow | undefined>(undefined)
export const zone = signal<TimeZone>(localStorage.getItem(ZONE_KEY) === 'local' ? 'local' : 'utc')

const windowInAddress = (): TimeWindow | undefined => parseWindow(parameter('from'), parameter('to'))
/** A chosen window is in the address, so that a link shows the same. */
const isChosen = signal(windowInAddress() !== undefined)

effect(() => {
  const window = shownWindow.value
  if (!isChosen.value || window === undefined) return
  setParameter('from', new Date(Math.round(window.from)).toISOString())
  setParameter('to', new Date(Math.round(window.to)).toISOString())
})

const restoreWindow = (): void => {
  const chosen = windowInAddress()
  const span = record.peek()
  batch(() => {
    isChosen.value = chosen !== undefined
    shownWindow.value = chosen ?? (span && fitRecord(span, now.peek()))
  })
}

effect(() => {
  if (restored.value > 0) untracked(restoreWindow)
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

const timesOfPositions = new Map<string, number>()
const knownTimes = signal(0)

/** A position that no event has yet, or a time to come: the engine then returns the present. */
export const isAfterHead = computed(() => {
  const moment = at.value
  if (moment === undefined) return false
  if (isPosition(moment)) return moment > head.value
  return Date.parse(moment) > Math.max(now.value, record.value?.last ?? 0)
})

/** Undefined for the present, or while the time of a position is unknown. */
export const momentTime = computed(() => {
  const moment = at.value
  if (moment === undefined || isAfterHead.value) return undefined
  if (!isPosition(moment)) return Date.parse(moment)
  // Read so that a time that is learnt later is found.
  void knownTimes.value
  return timesOfPositions.get(moment)
})

export const isPast = computed(() => at.value !== undefined && !isAfterHead.value)

/** Constant in the past. */
export const version = computed(() => (isPast.value ? '' : head.value))

/** The moment that the address had before the page showed the present instead; undefined after another choice. */
export const unshown = signal<{ readonly at: string | undefined; readonly isInvalid: boolean } | undefined>(undefined)

effect(() => {
  const moment = at.value
  const isInvalid = isInvalidAt.value
  const isShown = !isInvalid && !isAfterHead.value
  if (head.value === '' || (isShown && moment === undefined)) return
  untracked(() => {
    unshown.value = isShown ? undefined : { at: moment, isInvalid }
    if (!isShown) setAt(undefined)
  })
})

export const setZone = (value: TimeZone): void => {
  localStorage.setItem(ZONE_KEY, value)
  zone.value = value
}

export const learnTimes = (events: readonly { readonly position: string; readonly time: string | number }[]): void => {
  for (const { position, time } of events)
    timesOfPositions.set(position, typeof time === 'number' ? time : Date.parse(time))
  knownTimes.value = timesOfPositions.size
}

export const showEvent = (position: string, time: string | number): void => {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  learnTimes([{ position, time: ms }])
  // Lists may have an event before the subscription.
  if (position > head.peek()) recordGrew(position, ms)
  // First: the present that is left keeps its window in the history.
  setAt(position)
  if (shownWindow.peek() !== undefined) shownWindow.value = reveal(shownWindow.peek()!, ms)
}

export const showTime = (time: number): void => {
  const present = Math.max(record.peek()?.last ?? 0, now.peek())
  unshown.value = undefined
  setAt(time > present ? undefined : new Date(Math.round(time)).toISOString())
}

export const showPresent = (): void => {
  unshown.value = undefined
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
  // An event that was shown from a list may be ahead of the subscription.
  if (position > head.peek()) head.value = position
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
    shownWindow.value = windowInAddress() ?? fitRecord(span, now.peek())
}
