import type { ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import { type Gap, notObserved } from '../../../projections/shared/observation.ts'
import type { LaneColumns } from './lane-entries.ts'
import { codeIn, LANE_CODE, type LaneCode } from './lane-status.ts'
import type { LaneWindow } from './types.ts'

export interface LaneRun {
  readonly start: number
  readonly code: LaneCode
  /** 0 if no event began it. */
  readonly position: number
  /** Id of the last message, or its text if no event gave one. */
  message: number | string
}

/**
 * Of several changes in one millisecond the last counts.
 *
 * @param gaps disjoint and oldest first; they do not affect the absence of a resource
 */
export const runsOf = (
  columns: LaneColumns,
  type: ConditionType,
  { from, to, isOpen }: LaneWindow,
  gaps: readonly Gap[],
): LaneRun[] => {
  const runs: LaneRun[] = [{ start: from, code: LANE_CODE.absent, position: 0, message: '' }]
  const put = (start: number, code: LaneCode, position: number, message: number | string): void => {
    const last = runs[runs.length - 1] as LaneRun
    if (last.code === code) {
      last.message = message
      return
    }
    if (last.start === start) runs.pop()
    const before = runs.at(-1)
    if (before?.code === code) before.message = message
    else runs.push({ start, code, position, message })
  }
  let passed = 0
  for (let place = 0; place < columns.length; place += 1) {
    const time = columns.time[place] as number
    if (time > to || (time === to && to > from && !isOpen)) break
    const next = place + 1 < columns.length ? (columns.time[place + 1] as number) : Number.POSITIVE_INFINITY
    const end = Math.min(next, to)
    if (next < from) continue
    const start = Math.max(time, from)
    const code = codeIn(columns.codes[place] as number, type)
    const [position, message] = [columns.position[place] as number, columns.message[place] as number]
    while ((gaps[passed]?.to ?? Number.POSITIVE_INFINITY) <= start) passed += 1
    if (code === LANE_CODE.absent || (gaps[passed]?.from ?? Number.POSITIVE_INFINITY) > start)
      put(start, code, position, message)
    if (code === LANE_CODE.absent) continue
    for (let at = passed; at < gaps.length && (gaps[at] as Gap).from < Math.max(end, start + 1); at += 1) {
      const gap = gaps[at] as Gap
      put(Math.max(gap.from, start), LANE_CODE.NotObserved, gap.position, notObserved(gap.since).message)
      if (gap.to < end) put(gap.to, code, position, message)
    }
  }
  return runs
}

/** Milliseconds, without those in which the resource did not exist. */
export const notReadyTime = (runs: readonly LaneRun[], to: number): number => {
  let sum = 0
  for (const [place, { start, code }] of runs.entries()) {
    if (code === LANE_CODE.absent || code === LANE_CODE.Ready) continue
    sum += (runs[place + 1]?.start ?? to) - start
  }
  return sum
}

/** True for even less than a millisecond. */
export const existedIn = (columns: LaneColumns, from: number): boolean => {
  for (let place = 0; place < columns.length; place += 1) {
    if (codeIn(columns.codes[place] as number, 'Ready') === LANE_CODE.absent) continue
    const end = place + 1 < columns.length ? (columns.time[place + 1] as number) : Number.POSITIVE_INFINITY
    if ((columns.time[place] as number) >= from || end > from) return true
  }
  return false
}
