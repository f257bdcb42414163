import type { ConditionResult, ConditionType } from '../../../projections/shared/conditions.ts'
import type { Transition } from '../../../projections/timeline.ts'
import { type RowVersion, VERSION_KIND } from './version-codec.ts'

/** There was no such resource. */
const ABSENT = -1

/**
 * Transitions in columns: a thread hands thousands of them over as three numbers each. `verdict` is a place among the
 * verdicts, or ABSENT.
 */
export interface TransitionColumns {
  readonly verdicts: readonly ConditionResult[]
  readonly times: Float64Array
  readonly positions: Float64Array
  readonly verdict: Int32Array
}

/**
 * The beginning of a condition in the JSON of a row, or of a difference, which leaves out what stayed. Conditions have these
 * three first, in this order: see conditions.ts. Parsing the whole would take several times as long.
 */
const CONDITION_PATTERN = /(?:"status":"(\w+)",?)?(?:"reason":"(\w+)",?)?(?:"message":("(?:[^"\\]|\\.)*"))?/y

/** When what a condition says changed, by the versions of a listener, oldest first. The store's clock may step back. */
export const transitionsOf = (versions: Iterable<Omit<RowVersion, 'type'>>, type: ConditionType): TransitionColumns => {
  // No setting of a spec can be meant: those are texts.
  const beginning = `"${type}":{`
  const known = new Map<string, number>()
  const verdicts: ConditionResult[] = []
  const rows: [time: number, position: number, verdict: number][] = []
  let latest = Number.NEGATIVE_INFINITY
  let [status, reason, message] = ['', '', '']
  for (const { position, time: recorded, mark, body } of versions) {
    latest = Math.max(latest, recorded)
    let place = ABSENT
    if (mark !== VERSION_KIND.gone) {
      // Of what a difference does not name it says nothing: it is as it was.
      const at = body.indexOf(beginning)
      if (at < 0) continue
      CONDITION_PATTERN.lastIndex = at + beginning.length
      const said = CONDITION_PATTERN.exec(body)
      status = said?.[1] ?? status
      reason = said?.[2] ?? reason
      message = said?.[3] ?? message
      const text = `${status} ${reason} ${message}`
      place = known.get(text) ?? verdicts.length
      if (place === verdicts.length) {
        known.set(text, place)
        verdicts.push({
          status: status as ConditionResult['status'],
          reason,
          message: JSON.parse(Buffer.from(message, 'latin1').toString()),
        })
      }
    }
    if (rows.at(-1)?.[2] !== place) rows.push([latest, position, place])
  }
  return {
    verdicts,
    times: Float64Array.from(rows, ([time]) => time),
    positions: Float64Array.from(rows, ([, position]) => position),
    verdict: Int32Array.from(rows, ([, , place]) => place),
  }
}

/** Oldest first. */
export const fromColumns = ({ verdicts, times, positions, verdict }: TransitionColumns): Transition[] =>
  Array.from(times, (time, row) => ({
    time,
    position: positions[row] as number,
    verdict: verdicts[verdict[row] as number],
  }))
