import { type EventFragment, StatusChangesDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { type LaneKind, type LaneStatus, positionText } from '../lanes/lane.ts'
import { at } from '../routes/navigation.ts'
import { isPosition, momentOf } from '../routes/route.ts'
import type { Subject } from './describe-event.ts'
import type { KnownEvents } from './merge-events.ts'
import type { StatusChange, StatusChanges } from './status-changes.ts'

const BEFORE = 100
const AFTER = 40

interface Received {
  readonly status?: LaneStatus | null
  readonly time: string
  readonly event?: EventFragment | null
}

const changeOf = ({ status, time, event }: Received): StatusChange => ({
  status: status ?? undefined,
  time: Date.parse(time),
  event: event ?? undefined,
})

const momentBehind = (moment: string) =>
  isPosition(moment)
    ? { position: positionText(Number(moment) + 1) }
    : { time: new Date(Date.parse(moment) + 1).toISOString() }

export const loadStatusChanges = async (
  { kind, namespace, name }: Subject & { readonly kind: LaneKind },
  stop: AbortSignal,
): Promise<StatusChanges> => {
  const moment = at.peek()
  const to = momentOf(moment)
  const variables = {
    kind,
    namespace,
    name,
    last: BEFORE,
    ...(to && { to }),
    ...(moment !== undefined && { from: momentBehind(moment) }),
    first: AFTER,
    hasLater: moment !== undefined,
  }
  const { before, after = [] } = await request(StatusChangesDocument, variables, stop)
  return { kind, before: before.map(changeOf), after: after.map(changeOf) }
}

/** The events with which statuses began, which may be about others. */
export const changersOf = ({ before, after }: StatusChanges): KnownEvents => {
  const eventsOf = (changes: readonly StatusChange[]) => changes.flatMap(({ event }) => event ?? [])
  const [earlier, later] = [eventsOf(before), eventsOf(after)]
  return {
    events: [...earlier, ...later],
    from: before.length === BEFORE ? earlier[0]?.position : undefined,
    until: after.length === AFTER ? later.at(-1)?.position : undefined,
  }
}
