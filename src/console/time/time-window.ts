export interface TimeWindow {
  readonly from: number
  readonly to: number
}

export interface RecordSpan {
  readonly first: number
  readonly last: number
}

const SHORTEST_MS = 10
const LEAST_SPAN_MS = 1000
const QUIET_SHARE = 0.18
const MARGIN_SHARE = 0.03
const SLACK = 0.25

export const parseWindow = (from = '', to = ''): TimeWindow | undefined => {
  const window = { from: Date.parse(from), to: Date.parse(to) }
  return window.from < window.to ? window : undefined
}

export const spanOf = ({ from, to }: TimeWindow): number => to - from

export const fitRecord = ({ first, last }: RecordSpan, now: number): TimeWindow => {
  const span = Math.max(last - first, LEAST_SPAN_MS)
  const quiet = Math.min(Math.max(now - last, 0), span * QUIET_SHARE)
  const end = Math.max(last + quiet, first + span * (1 - MARGIN_SHARE))
  return { from: first - span * MARGIN_SHARE, to: end + span * MARGIN_SHARE }
}

/** The same object unless the present has left the window. */
export const advanceTo = (window: TimeWindow, record: RecordSpan, now: number): TimeWindow => {
  const isWhole = window.from <= record.first && window.to >= record.last
  if (!isWhole || now <= window.to) return window
  const fitted = fitRecord(record, now)
  return fitted.to > window.to ? fitted : window
}

export const clampWindow = (window: TimeWindow, { first, last }: RecordSpan, now: number): TimeWindow => {
  const slack = Math.max(last - first, LEAST_SPAN_MS) * SLACK
  const least = first - slack
  const most = Math.max(now, last) + slack
  const span = Math.min(Math.max(spanOf(window), SHORTEST_MS), most - least)
  const from = Math.min(Math.max(window.from, least), most - span)
  return { from, to: from + span }
}

/** @param factor less than 1 to see more detail */
export const zoomAbout = ({ from, to }: TimeWindow, time: number, factor: number): TimeWindow => {
  const scale = Math.max(factor, SHORTEST_MS / (to - from))
  return { from: time - (time - from) * scale, to: time + (to - time) * scale }
}

/** The time about which buttons and keys zoom: the moment shown, which so stays in view, or else the middle. */
export const zoomCentre = ({ from, to }: TimeWindow, moment: number | undefined): number =>
  moment !== undefined && moment >= from && moment <= to ? moment : (from + to) / 2

/** @param share of the window by which it moves: positive for later */
export const pan = ({ from, to }: TimeWindow, share: number): TimeWindow => {
  const distance = (to - from) * share
  return { from: from + distance, to: to + distance }
}

export const reveal = (window: TimeWindow, time: number): TimeWindow => {
  const margin = spanOf(window) * 0.1
  if (time >= window.from + margin && time <= window.to - margin) return window
  return time >= window.from && time <= window.to
    ? window
    : pan(window, (time - (window.from + window.to) / 2) / spanOf(window))
}

export const followRecord = (window: TimeWindow, before: RecordSpan, after: RecordSpan, now: number): TimeWindow => {
  if (window.to < before.last || after.last <= window.to) return window
  if (window.from <= before.first) return fitRecord(after, now)
  const margin = spanOf(window) * MARGIN_SHARE
  return { from: after.last + margin - spanOf(window), to: after.last + margin }
}

export const timeAt = ({ from, to }: TimeWindow, width: number, x: number): number =>
  from + (x / Math.max(width, 1)) * (to - from)

export const xOf = ({ from, to }: TimeWindow, width: number, time: number): number =>
  ((time - from) / (to - from)) * width
