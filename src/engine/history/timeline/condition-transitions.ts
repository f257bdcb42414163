import type {
  ConditionResult,
  ConditionStatus,
  ConditionType,
} from '../../../../projections/shared/evaluate-conditions.ts'
import type { Transition } from '../../../../projections/timeline.ts'
import { type RowVersion, VERSION_KIND } from '../row-version.ts'
import { dropsCondition } from './dropped-condition.ts'

export type ConditionVersion = readonly [
  RowVersion['position'],
  RowVersion['time'],
  RowVersion['kind'],
  RowVersion['body'],
]

const ABSENT = -1
const NOTHING: ConditionResult = { status: 'Unknown', reason: '', message: '' }

/** Columns: threads exchange typed arrays faster than objects. `verdict` indexes `verdicts`, or is ABSENT. */
export interface TransitionColumns {
  readonly verdicts: readonly ConditionResult[]
  readonly times: Float64Array
  readonly positions: Float64Array
  readonly verdict: Int32Array
}

/** A condition up to its message. Parsing takes ten times as long. */
const RESULT = /\{(?:"status":"([^"]*)",?)?(?:"reason":"([^"]*)",?)?(?:"message":"([^"\\]*(?:\\.[^"\\]*)*)")?/y

const textOf = (json: string): string => (json.includes('\\') ? JSON.parse(`"${json}"`) : json)

class Verdicts {
  readonly all: ConditionResult[] = []
  readonly #indexes = new Map<string, number>()
  /** Most changes repeat. */
  readonly #next = new Map<number, Map<string, number>>()

  after(before: number, body: string, at: number): number {
    RESULT.lastIndex = at
    // Finds the end only: captured groups would take most of the time.
    RESULT.test(body)
    const change = body.slice(at, RESULT.lastIndex)
    let next = this.#next.get(before)
    if (next === undefined) {
      next = new Map()
      this.#next.set(before, next)
    }
    let index = next.get(change)
    if (index === undefined) {
      index = this.#indexOf(this.all[before] ?? NOTHING, change)
      next.set(change, index)
    }
    return index
  }

  #indexOf(before: ConditionResult, change: string): number {
    RESULT.lastIndex = 0
    const [, status = before.status, reason = before.reason, json] = RESULT.exec(change) as RegExpExecArray
    const message = json === undefined ? before.message : textOf(json)
    const text = `${status} ${reason} ${message}`
    let index = this.#indexes.get(text)
    if (index === undefined) {
      index = this.all.push({ status: status as ConditionStatus, reason, message }) - 1
      this.#indexes.set(text, index)
    }
    return index
  }
}

/** Times never decrease, although the store's clock may. */
export const transitionsOf = (versions: Iterable<ConditionVersion>, type: ConditionType): TransitionColumns => {
  // Other maps hold texts and numbers.
  const name = `"${type}":{`
  const verdicts = new Verdicts()
  const [times, positions, verdictAt]: [number[], number[], number[]] = [[], [], []]
  let latest = Number.NEGATIVE_INFINITY
  let current = ABSENT
  for (const [position, time, kind, body] of versions) {
    latest = Math.max(latest, time)
    const at = body.indexOf(name)
    if (at < 0 && kind === VERSION_KIND.patch && !dropsCondition(body, type)) continue
    const verdict = at < 0 ? ABSENT : verdicts.after(current, body, at + name.length - 1)
    if (verdict === current && times.length > 0) continue
    current = verdict
    times.push(latest)
    positions.push(position)
    verdictAt.push(verdict)
  }
  return {
    verdicts: verdicts.all,
    times: Float64Array.from(times),
    positions: Float64Array.from(positions),
    verdict: Int32Array.from(verdictAt),
  }
}

export const fromColumns = ({ verdicts, times, positions, verdict }: TransitionColumns): Transition[] =>
  Array.from(times, (time, row) => ({
    time,
    position: positions[row] as number,
    verdict: verdicts[verdict[row] as number],
  }))
