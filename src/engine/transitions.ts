import type { Transition } from '../../projections/condition-timeline.ts'
import type { ConditionType, Verdict } from '../../projections/conditions.ts'
import type { StoredVersion } from './version-database.ts'

type Said = Partial<Verdict> | undefined

/** What a row, or what differs from the one before, says of a condition. */
const saidIn = (body: string, type: ConditionType): Said =>
  (JSON.parse(body) as { conditions?: Partial<Record<ConditionType, Partial<Verdict>>> }).conditions?.[type]

/** Every change of spec gives each condition another generation: where that is all, there is no need to read further. */
const isUntouched = (body: string, type: ConditionType): boolean => {
  const at = body.indexOf(`"${type}":{`)
  return at < 0 || /^"\w+":\{"observedGeneration":\d+\}/.test(body.slice(at, at + 60))
}

/** When what a condition says changed, by the versions of a listener, oldest first. The store's clock may step back. */
export const transitionsOf = (versions: Iterable<StoredVersion>, type: ConditionType): Transition[] => {
  const transitions: Transition[] = []
  let latest = Number.NEGATIVE_INFINITY
  let verdict: Verdict | undefined
  for (const [position, steps, recorded, body] of versions) {
    latest = Math.max(latest, recorded)
    if (body !== null && steps > 0 && isUntouched(body, type)) continue
    const said = body === null ? undefined : saidIn(body, type)
    const { status, reason, message }: Partial<Verdict> = { ...(steps > 0 && verdict), ...said }
    const now = body === null ? undefined : ({ status, reason, message } as Verdict)
    const isNews =
      now?.status !== verdict?.status || now?.reason !== verdict?.reason || now?.message !== verdict?.message
    if (!isNews) continue
    verdict = now
    transitions.push({ time: latest, position, verdict })
  }
  return transitions
}
