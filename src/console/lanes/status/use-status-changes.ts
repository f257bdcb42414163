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

type LaneAt = (key: string) => Lane | undefined
type ChangeAt = (event: EventFragment) => StatusChange | undefined

const begunAt = (laneAt: LaneAt, event: LaneEvent): LaneStatus | null | undefined => {
  const lane = laneAt(event.key)
  return (lane && statusBegunAt(lane, event)) ?? loaded.value.get(loadedKey(event))
}

/**
 * The status that began at an event, where it is known: in the lane with its key as it is loaded, or loaded before.
 *
 * @param subject the resource whose status is meant; that of each event by default
 */
export const statusChangesAtHand =
  (laneAt: LaneAt, subject?: Subject): ChangeAt =>
  event => {
    const known = laneEvent(event, subject ?? subjectOf(event))
    const status = known && begunAt(laneAt, known)
    if (known === undefined || !status) return undefined
    const lane = laneAt(known.key)
    return {
      kind: known.kind,
      status,
      isReadyAgain: status === 'Ready' && lane !== undefined && wasReadyBefore(lane, known.time),
    }
  }

/** Loads what is not at hand, with a request for events close to each other. */
export const useStatusChanges = (events: readonly EventFragment[], laneAt: LaneAt, subject?: Subject): ChangeAt => {
  const unknown = events
    .flatMap(event => laneEvent(event, subject ?? subjectOf(event)) ?? [])
    .filter(event => begunAt(laneAt, event) === undefined)
  useLoad(unknown.length === 0 ? undefined : unknown.map(loadedKey).join(), head.value, async stop => {
    const found = await loadStatusChanges(unknown, stop)
    loaded.value = new Map([...loaded.peek(), ...found])
  })
  return statusChangesAtHand(laneAt, subject)
}
