import { signal } from '@preact/signals'
import type { EventFragment } from '../../api/generated.ts'
import { useLoad } from '../../api/use-query.ts'
import { subjectOf } from '../../events/describe-event.ts'
import { head } from '../../time/log.ts'
import { keyOf, type Lane, type LaneStatus } from '../lane.ts'
import { type LaneEvent, loadStatusChanges } from './load-status-changes.ts'
import { type StatusChange, statusBegunAt, wasReadyBefore } from './status-change.ts'

/** By position. What an event changed stays the same. */
const loaded = signal<ReadonlyMap<string, LaneStatus | null>>(new Map())

const laneEvent = (event: EventFragment): LaneEvent | undefined => {
  const subject = subjectOf(event)
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
 */
export const useStatusChanges = (
  events: readonly EventFragment[],
  laneAt: (key: string) => Lane | undefined,
): ((event: EventFragment) => StatusChange | undefined) => {
  const begunAt = (event: LaneEvent): LaneStatus | null | undefined => {
    const lane = laneAt(event.key)
    return (lane && statusBegunAt(lane, event)) ?? loaded.value.get(event.position)
  }
  const unknown = events.flatMap(event => laneEvent(event) ?? []).filter(event => begunAt(event) === undefined)
  useLoad(unknown.length === 0 ? undefined : unknown.map(({ position }) => position).join(), head.value, async stop => {
    const found = await loadStatusChanges(unknown, stop)
    loaded.value = new Map([...loaded.peek(), ...found])
  })
  return event => {
    const known = laneEvent(event)
    const status = known && begunAt(known)
    if (known === undefined || !status) return undefined
    const lane = laneAt(known.key)
    return { status, isReadyAgain: status === 'Ready' && lane !== undefined && wasReadyBefore(lane, known.time) }
  }
}
