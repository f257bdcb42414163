import type { ConditionResult, ConditionType } from '../../../projections/shared/conditions.ts'
import type { Transition } from '../../../projections/timeline.ts'
import { type RowVersion, VERSION_KIND } from './row-version.ts'

const ABSENT = -1

/** Columns, because threads exchange typed arrays faster than objects. `verdict` indexes `verdicts`, or is ABSENT. */
export interface TransitionColumns {
  readonly verdicts: readonly ConditionResult[]
  readonly times: Float64Array
  readonly positions: Float64Array
  readonly verdict: Int32Array
}

const FLAT_OBJECT = /\{(?:[^"}]+|"(?:[^"\\]+|\\.)*")*\}/y

/** Returns transitions, oldest first. Times never decrease, although the store's clock may step back. */
export const transitionsOf = (versions: Iterable<Omit<RowVersion, 'type'>>, type: ConditionType): TransitionColumns => {
  // Only a condition has an object under this name: settings are strings.
  const name = `"${type}":`
  const known = new Map<string, number>()
  const verdicts: ConditionResult[] = []
  const rows: [time: number, position: number, verdict: number][] = []
  let latest = Number.NEGATIVE_INFINITY
  let current: Partial<ConditionResult> = {}
  for (const { position, time: recorded, kind, body } of versions) {
    latest = Math.max(latest, recorded)
    let verdict = ABSENT
    if (kind === VERSION_KIND.removed) current = {}
    else {
      const at = body.indexOf(`${name}{`)
      // A merge patch omits unchanged conditions.
      if (at < 0) continue
      // Parsing the whole body takes twice as long.
      FLAT_OBJECT.lastIndex = at + name.length
      const { status, reason, message } = { ...current, ...JSON.parse(FLAT_OBJECT.exec(body)?.[0] as string) }
      current = { status, reason, message }
      const text = `${status} ${reason} ${message}`
      verdict = known.get(text) ?? verdicts.push(current as ConditionResult) - 1
      known.set(text, verdict)
    }
    if (rows.at(-1)?.[2] !== verdict) rows.push([latest, position, verdict])
  }
  return {
    verdicts,
    times: Float64Array.from(rows, ([time]) => time),
    positions: Float64Array.from(rows, ([, position]) => position),
    verdict: Int32Array.from(rows, ([, , verdict]) => verdict),
  }
}

export const fromColumns = ({ verdicts, times, positions, verdict }: TransitionColumns): Transition[] =>
  Array.from(times, (time, row) => ({
    time,
    position: positions[row] as number,
    verdict: verdicts[verdict[row] as number],
  }))
