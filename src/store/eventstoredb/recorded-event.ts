import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client'
import type { EventMetadata, RecordedEvent } from '../../../schemas/recorded-event.ts'

/** @throws RangeError beyond 2^53, where a number no longer tells neighbours apart */
export const exactNumber = (value: bigint): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large for an exact number`)
  return number
}

/** The server records its own time; that of an event which was recorded elsewhere before goes with its metadata. */
const OWN_TIME = 'recordedAt'

export const withOwnTime = (metadata: EventMetadata, time: string | undefined): object =>
  time === undefined ? metadata : { ...metadata, [OWN_TIME]: time }

/** The event in the port's shape; none of those that the server writes for its own ends. */
export const recordedEvent = ({ event }: AllStreamResolvedEvent | ResolvedEvent): RecordedEvent[] => {
  if (!event || event.streamId.startsWith('$') || event.type.startsWith('$')) return []
  const { [OWN_TIME]: ownTime, ...metadata } = (event.metadata ?? {}) as EventMetadata & {
    readonly [OWN_TIME]?: string
  }
  const recorded = {
    position: exactNumber(event.position!.commit),
    stream: event.streamId,
    revision: exactNumber(event.revision),
    id: event.id,
    type: event.type,
    time: ownTime ?? event.created.toISOString(),
    data: event.data,
    metadata,
  }
  return [recorded]
}
