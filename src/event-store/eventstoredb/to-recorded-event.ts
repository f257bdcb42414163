import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client'
import type { EventMetadata, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { type EventLocation, StoreCorrupted } from '../event-store.ts'
import { assertJsonObject } from '../parse-json.ts'
import type { ReadResult } from './gap-detector.ts'
import { isHarkStream } from './hark-streams.ts'

type ClientEvent = NonNullable<(AllStreamResolvedEvent | ResolvedEvent)['event']>

/** @throws RangeError beyond 2^53, where a number no longer tells neighbours apart */
export const toSafeInteger = (value: bigint): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large for an exact number`)
  return number
}

/** The server records its own time; that of an event which was recorded elsewhere before goes with its metadata. */
const OWN_TIME = 'recordedAt'

interface OwnTime {
  readonly [OWN_TIME]?: unknown
}

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string'

export const withRecordedTime = (metadata: EventMetadata, time: string | undefined): object =>
  time === undefined ? metadata : { ...metadata, [OWN_TIME]: time }

/** What the server ends a stream with for good. Its revision is the greatest that there is, and no exact number. */
const END_OF_STREAM = '$streamDeleted'

export const deletedForGood = (place: EventLocation): StoreCorrupted =>
  new StoreCorrupted(place, 'the stream was deleted for good')

/**
 * The event in the port's shape; none of those that the server writes for its own ends.
 *
 * @throws StoreCorrupted where it is Hark's, and its data or metadata is no JSON object, or it ends its stream
 */
const toRecordedEvent = ({ event }: AllStreamResolvedEvent | ResolvedEvent): RecordedEvent[] => {
  if (!event || event.streamId.startsWith('$')) return []
  if (event.type === END_OF_STREAM && isHarkStream(event.streamId))
    throw deletedForGood({ position: toSafeInteger(event.position!.commit), stream: event.streamId })
  return event.type.startsWith('$') ? [] : [convert(event)]
}

const convert = (event: ClientEvent): RecordedEvent => {
  const place = {
    position: toSafeInteger(event.position!.commit),
    stream: event.streamId,
    revision: toSafeInteger(event.revision),
  }
  if (isHarkStream(event.streamId)) {
    assertJsonObject(event.data, 'data', place)
    const { [OWN_TIME]: ownTime }: OwnTime = assertJsonObject(event.metadata, 'metadata', place)
    if (!isTextOrNone(ownTime)) throw new StoreCorrupted(place, 'its time is no text')
  }
  const { [OWN_TIME]: ownTime, ...metadata } = (event.metadata ?? {}) as object as EventMetadata & OwnTime
  return {
    ...place,
    id: event.id,
    type: event.type,
    time: typeof ownTime === 'string' ? ownTime : event.created.toISOString(),
    data: event.data as object,
    metadata,
  }
}

/** How what the client gives is read. */
export type EventReader = (resolved: readonly (AllStreamResolvedEvent | ResolvedEvent)[]) => ReadResult

/** Events in the port's shape, up to one that is none; that one is what is wrong. */
export const toRecordedEvents: EventReader = resolved => {
  const events: RecordedEvent[] = []
  try {
    for (const each of resolved) events.push(...toRecordedEvent(each))
    return { events }
  } catch (error) {
    if (error instanceof StoreCorrupted) return { events, damage: error }
    throw error
  }
}

/** What the server keeps for its own ends, in the same shape. */
export const toSystemEvents: EventReader = resolved => ({
  events: resolved.flatMap(({ event }) => (event ? [convert(event)] : [])),
})
