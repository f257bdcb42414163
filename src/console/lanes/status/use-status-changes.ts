import { signal } from '@preact/signals'
import type { EventFragment } from '../../api/generated.ts'
import { useLoad } from '../../api/use-query.ts'
import { type Subject, subjectOf } from '../../events/describe-event.ts'
import { head } from '../../time/log.ts'
import { keyOf, type Lane, type LaneStatus } from '../lane.ts'
import { type LaneEvent, loadedKey, loadStatusChanges } from './load-status-changes.ts'
import { type StatusChange, statusBegunAt, wasReadyBefore } from './status-change.ts'

/** By lane and position. What an event changed stays the same. */
const loaded = signal<ReadonlyMap<string, LaneStatus | null>>(new Map())

const laneEvent = (event: EventFragment, subject: Subject | undefined): LaneEvent | undefined => {
  if (subject === undefined || subject.kind === 'Site') return undefined
  const { kind, namespace } = subject
  return {
    position: event.position,
    time: Date.parse(event.time),
    key: keyOf({ ...subject, kind }),
    kind,
    namespace,
  }
}

/**
 * The status that began at each event, whatever window is shown.
 *
 * @param laneAt the lane with a key as it is loaded, which is read first
 * @param subject the resource whose status is meant; that of each event by default
 */
export const useStatusChanges = (
  events: readonly EventFragment[],
  laneAt: (key: string) => Lane | undefined,
  subject?: Subject,
): ((event: EventFragment) => StatusChange | undefined) => {
  const eventOf = (event: EventFragment) => laneEvent(event, subject ?? subjectOf(event))
  const begunAt = (event: LaneEvent): LaneStatus | null | undefined => {
    const lane = laneAt(event.key)
    return (lane && statusBegunAt(lane, event)) ?? loaded.value.get(loadedKey(event))
  }
  const unknown = events.flatMap(event => eventOf(event) ?? []).filter(event => begunAt(event) === undefined)
  useLoad(unknown.length === 0 ? undefined : unknown.map(loadedKey).join(), head.value, async stop => {
    const found = await loadStatusChanges(unknown, stop)
    loaded.value = new Map([...loaded.peek(), ...found])
  })
  return event => {
    const known = eventOf(event)
    const status = known && begunAt(known)
    if (known === undefined || !status) return undefined
    const lane = laneAt(known.key)
    return {
      kind: known.kind,
      status,
      isReadyAgain: status === 'Ready' && lane !== undefined && wasReadyBefore(lane, known.time),
    }
  }
}
