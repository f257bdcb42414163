import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client'
import type { EventMetadata, RecordedEvent } from '../../../schemas/recorded-event.ts'
import { LOG_PREFIXES } from '../../../schemas/streams.ts'
import { StoreDamaged } from '../event-store.ts'
import { jsonObject } from '../recorded-json.ts'
import { streamFilter } from '../stream-filter.ts'

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

/** What others keep on the same server may be anything. */
const isOurs = streamFilter(LOG_PREFIXES)

/**
 * The event in the port's shape; none of those that the server writes for its own ends.
 *
 * @throws StoreDamaged where it is Hark's, and its data or metadata is no JSON object
 */
const recordedEvent = ({ event }: AllStreamResolvedEvent | ResolvedEvent): RecordedEvent[] => {
  if (!event || event.streamId.startsWith('$') || event.type.startsWith('$')) return []
  const place = {
    position: exactNumber(event.position!.commit),
    stream: event.streamId,
    revision: exactNumber(event.revision),
  }
  if (isOurs(event.streamId)) {
    jsonObject(event.data, 'data', place)
    jsonObject(event.metadata, 'metadata', place)
  }
  const { [OWN_TIME]: ownTime, ...metadata } = (event.metadata ?? {}) as EventMetadata & {
    readonly [OWN_TIME]?: string
  }
  const recorded = {
    ...place,
    id: event.id,
    type: event.type,
    time: ownTime ?? event.created.toISOString(),
    data: event.data,
    metadata,
  }
  return [recorded]
}

/** Events in the port's shape, up to one that is none; that one is what is wrong. */
export const readable = (
  resolved: readonly (AllStreamResolvedEvent | ResolvedEvent)[],
): { readonly events: readonly RecordedEvent[]; readonly damage?: StoreDamaged } => {
  const events: RecordedEvent[] = []
  try {
    for (const each of resolved) events.push(...recordedEvent(each))
    return { events }
  } catch (error) {
    if (error instanceof StoreDamaged) return { events, damage: error }
    throw error
  }
}
