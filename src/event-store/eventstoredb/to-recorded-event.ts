import type { EventMetadata, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { type EventLocation, StoreCorrupted } from '../event-store.ts'
import { assertJsonObject } from '../parse-json.ts'
import type { ReadResult } from './gap-detector.ts'
import { isHarkStream } from './hark-streams.ts'

/** An event of the client, or of Hark's own subscriptions. */
interface ReadEvent {
  readonly streamId: string
  readonly id: string
  readonly type: string
  readonly revision: bigint | number
  readonly position?: { readonly commit: bigint | number } | undefined
  readonly created: Date
  readonly data: unknown
  readonly metadata: unknown
}

interface Resolved {
  readonly event?: ReadEvent
}

/** @throws RangeError beyond 2^53 − 1 */
export const toSafeInteger = (value: bigint | number): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large for an exact number`)
  return number
}

/** The server records its own time, so metadata holds that of an imported event. */
const OWN_TIME = 'recordedAt'

interface OwnTime {
  readonly [OWN_TIME]?: unknown
}

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string'

export const withRecordedTime = (metadata: EventMetadata, time: string | undefined): object =>
  time === undefined ? metadata : { ...metadata, [OWN_TIME]: time }

/** Tombstone of a stream. Its revision exceeds 2^53. */
const END_OF_STREAM = '$streamDeleted'

export const deletedForGood = (place: EventLocation): StoreCorrupted =>
  new StoreCorrupted(place, 'the stream was deleted for good')

/** @throws StoreCorrupted at a tombstone or an invalid event of a Hark stream */
const toRecordedEvent = ({ event }: Resolved): RecordedEvent | undefined => {
  if (!event || event.streamId.startsWith('$')) return undefined
  if (event.type === END_OF_STREAM && isHarkStream(event.streamId))
    throw deletedForGood({ position: toSafeInteger(event.position!.commit), stream: event.streamId })
  return event.type.startsWith('$') ? undefined : convert(event)
}

const convert = (event: ReadEvent): RecordedEvent => {
  const place = {
    position: toSafeInteger(event.position!.commit),
    stream: event.streamId,
    revision: toSafeInteger(event.revision),
  }
  if (isHarkStream(event.streamId)) {
    assertJsonObject(event.data, 'data', place)
    const { [OWN_TIME]: ownTime }: OwnTime = assertJsonObject(event.metadata, 'metadata', place)
    if (!isTextOrNone(ownTime)) throw new StoreCorrupted(place, 'its recorded time is not a string')
  }
  const { time = event.created.toISOString(), metadata } = withoutOwnTime((event.metadata ?? {}) as OwnMetadata)
  const { position, stream, revision } = place
  return { position, stream, revision, id: event.id, type: event.type, time, data: event.data as object, metadata }
}

type OwnMetadata = EventMetadata & OwnTime

/** Only imported events have one, and are copied without it. */
const withoutOwnTime = (given: OwnMetadata): { readonly time?: string; readonly metadata: EventMetadata } => {
  if (typeof given !== 'object' || !(OWN_TIME in given)) return { metadata: given }
  const { [OWN_TIME]: time, ...metadata } = given
  return { ...(typeof time === 'string' && { time }), metadata }
}

export type EventReader = (resolved: readonly Resolved[]) => ReadResult

export const toRecordedEvents: EventReader = resolved => {
  const events: RecordedEvent[] = []
  try {
    for (const each of resolved) {
      const event = toRecordedEvent(each)
      if (event !== undefined) events.push(event)
    }
    return { events }
  } catch (error) {
    if (error instanceof StoreCorrupted) return { events, damage: error }
    throw error
  }
}

export const toSystemEvents: EventReader = resolved => ({
  events: resolved.flatMap(({ event }) => (event ? [convert(event)] : [])),
})
