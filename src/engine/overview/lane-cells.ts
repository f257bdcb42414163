import type { LaneColumns } from './lane-entries.ts'
import type { LaneRun } from './lane-runs.ts'
import { codeIn, LANE_CODE, type LaneCode } from './lane-status.ts'
import type { LaneWindow } from './types.ts'

/** None is shorter than a millisecond. */
export class LaneCells {
  readonly #from: number
  readonly #length: number
  readonly #count: number

  constructor({ from, to }: LaneWindow, resolution: number) {
    this.#from = from
    this.#length = to - from
    this.#count = Math.max(1, Math.min(resolution, this.#length))
  }

  start(cell: number): number {
    return this.#from + Math.floor((cell * this.#length) / this.#count)
  }

  at(time: number): number {
    if (this.#length === 0) return 0
    const cell = Math.floor(((time - this.#from) * this.#count) / this.#length)
    return Math.min(this.start(cell + 1) <= time ? cell + 1 : cell, this.#count - 1)
  }
}

/** `changes` is 0 for a segment with a constant status; otherwise `code` is the worst one in it. */
export interface Segment {
  readonly start: number
  readonly code: LaneCode
  changes: number
  readonly position: number
  readonly message: number | string | undefined
}

const exact = ({ code, position, message }: LaneRun, start: number): Segment => ({
  start,
  code,
  changes: 0,
  position,
  message: code === LANE_CODE.absent || code === LANE_CODE.Ready ? undefined : message,
})

/** Segments cover the window without gaps. */
export const segmentsOf = (runs: readonly LaneRun[], cells: LaneCells, to: number): Segment[] => {
  const segments: Segment[] = [exact(runs[0] as LaneRun, (runs[0] as LaneRun).start)]
  const put = (segment: Segment): void => {
    const last = segments.at(-1) as Segment
    if (last.start === segment.start) segments.pop()
    const before = segments.at(-1)
    if (before !== undefined && before.changes > 0 && segment.changes > 0 && before.code === segment.code)
      before.changes += segment.changes
    else segments.push(segment)
  }
  for (let place = 1; place < runs.length; ) {
    const run = runs[place] as LaneRun
    const cell = cells.at(run.start)
    let end = place + 1
    while (end < runs.length && cells.at((runs[end] as LaneRun).start) === cell) end += 1
    if (end === place + 1) put(exact(run, run.start))
    else {
      const start = cells.start(cell)
      const began = run.start > start ? place - 1 : place
      const within = runs.slice(began, end)
      const worst = within.reduce((a, b) => (b.code > a.code ? b : a))
      put({ start, code: worst.code, changes: end - place, position: worst.position, message: undefined })
      const next = cells.start(cell + 1)
      if (next < to) put(exact(runs[end - 1] as LaneRun, next))
    }
    place = end
  }
  const last = segments.at(-1) as Segment
  if (segments.length > 1 && last.start >= to) segments.pop()
  return segments
}

/** The first event of each cell with events, in columns; arrays are longer than `length`. */
export interface Marks {
  length: number
  time: Float64Array
  position: Float64Array
  count: Float64Array
  /** Of the event with the worst status in the cell. */
  type: Float64Array
}

export const emptyMarks = (): Marks => ({
  length: 0,
  time: new Float64Array(),
  position: new Float64Array(),
  count: new Float64Array(),
  type: new Float64Array(),
})

const makeRoom = (marks: Marks, length: number): void => {
  if (marks.time.length >= length) return
  for (const name of ['time', 'position', 'count', 'type'] as const) marks[name] = new Float64Array(length * 2)
}

export const markCells = (columns: LaneColumns, cells: LaneCells, { from, to }: LaneWindow, marks: Marks): void => {
  makeRoom(marks, columns.length)
  const { time, position, count, type } = marks
  let last = -1
  let [lastCell, worst] = [-1, 0]
  for (let place = 0; place < columns.length; place += 1) {
    const at = columns.time[place] as number
    if (at < from) continue
    if (at > to) break
    const cell = cells.at(at)
    const code = codeIn(columns.codes[place] as number, 'Ready')
    if (cell === lastCell) {
      count[last] = (count[last] as number) + 1
      if (code <= worst) continue
    } else {
      last += 1
      lastCell = cell
      time[last] = at
      position[last] = columns.position[place] as number
      count[last] = 1
    }
    worst = code
    type[last] = columns.type[place] as number
  }
  marks.length = last + 1
}
