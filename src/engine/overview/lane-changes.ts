import type { Gap } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { LaneColumns } from './lane-entries.ts'
import { type LaneRun, runsOf } from './lane-runs.ts'
import { LANE_CODE, type LaneCode } from './lane-status.ts'

export interface LaneChange {
  readonly time: number
  readonly code: LaneCode
  /** 0 if no event began it. */
  readonly position: Position
  readonly message: number | string
}

const placeOf = ({ position: positions, length }: LaneColumns, position: Position): number => {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((positions[middle] as number) < position) low = middle + 1
    else high = middle
  }
  return low < length && positions[low] === position ? low : -1
}

/** After a gap, the status of an earlier event is observed again. */
const isContinued = (columns: LaneColumns, { position, start }: LaneRun): boolean => {
  const place = placeOf(columns, position)
  return place >= 0 && (columns.time[place] as number) < start
}

export interface ChangesWanted {
  readonly from: number
  readonly to: number
  /** Of changes by events; undefined if their times count. */
  readonly since: Position | undefined
  readonly first?: number | undefined
  readonly last?: number | undefined
}

const isWanted = ({ time, position }: LaneChange, { from, since }: ChangesWanted): boolean =>
  since === undefined ? time >= from : position === 0 ? time > from : position >= since

export const selectChanges = (changes: readonly LaneChange[], wanted: ChangesWanted): readonly LaneChange[] => {
  const found = changes.filter(change => isWanted(change, wanted))
  return wanted.last === undefined ? found.slice(0, wanted.first) : found.slice(-wanted.last)
}

/** The statuses that began up to a time, oldest first, with what gaps replace. */
export const changesOf = (columns: LaneColumns, gaps: readonly Gap[], to: number): LaneChange[] => {
  const [, ...runs] = runsOf(columns, 'Ready', { from: Number.NEGATIVE_INFINITY, to, isOpen: true }, gaps)
  return runs.map(run => ({
    time: run.start,
    code: run.code,
    position: isContinued(columns, run) ? 0 : run.position,
    message: run.message,
  }))
}

/** The status that began at the last entry; undefined if that has another position, or the status was the same before. */
export const codeBegunAt = (columns: LaneColumns, position: Position, gaps: readonly Gap[]): LaneCode | undefined => {
  const place = columns.length - 1
  if (place < 0 || columns.position[place] !== position) return undefined
  const time = columns.time[place] as number
  const run = runsOf(columns, 'Ready', { from: time - 1, to: time, isOpen: true }, gaps).at(-1)
  const isBegun = run?.position === position && run.start === time && run.code !== LANE_CODE.absent
  return isBegun ? run.code : undefined
}
