import { canonical } from '../../../schemas/canonical-json.ts'
import type { EventMetadata, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../event-store/decorate-store.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  WrongExpectedRevision,
} from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { first } from '../../lib/first.ts'
import { createLru } from '../../lib/lru.ts'
import { eventHash, type Hash, hashedText, sha256 } from './event-hash.ts'

/** Others are computed again. */
const MAX_HEADS = 50_000
const MAX_HASHES = 8192

interface Head {
  readonly revision: number
  readonly hash: Hash
}

/** `previousHash` links each event to its predecessor in the stream. */
export interface ChainedStore extends EventStore {
  hashOf(event: RecordedEvent): Hash
}

const withLink = (metadata: EventMetadata, previousHash: Hash | undefined): EventMetadata => {
  if (previousHash === undefined) return metadata
  const { schemaVersion, traceparent, via, ...others } = metadata
  return { ...others, previousHash, schemaVersion, ...(traceparent && { traceparent }), ...(via && { via }) }
}

interface LinkedEvent {
  readonly event: EventToAppend
  readonly head: Head
}

const linkEvents = (
  stream: string,
  expectedRevision: number,
  events: readonly EventToAppend[],
  previousHash: Hash | undefined,
): LinkedEvent[] => {
  let previous = previousHash
  return events.map((event, index) => {
    const data = canonical(event.data)
    const metadata = canonical(withLink(event.metadata, previous))
    const revision = expectedRevision + 1 + index
    const hash = sha256(hashedText({ stream, revision, id: event.id, type: event.type }, data.json, metadata.json))
    previous = hash
    const json = { data: data.json, metadata: metadata.json }
    return { event: { ...event, data: data.value, metadata: metadata.value, json }, head: { revision, hash } }
  })
}

export const chainedStore = (store: EventStore): ChainedStore => {
  const heads = createLru<string, Head>(MAX_HEADS)
  const hashes = createLru<string, Head>(MAX_HASHES)

  /** @throws WrongExpectedRevision if the stream has no such event */
  const hashAt = async (stream: string, revision: number): Promise<Hash | undefined> => {
    if (revision === NO_STREAM) return undefined
    const head = heads.get(stream)
    if (head?.revision === revision) return head.hash
    const event = await first(store.readStream(stream, { from: revision, limit: 1 }))
    if (event !== undefined) return eventHash(event)
    const last = await lastEventOf(store, stream)
    throw new WrongExpectedRevision(stream, revision, last?.revision ?? NO_STREAM)
  }

  const append = async (
    stream: string,
    expectedRevision: number,
    events: readonly EventToAppend[],
  ): Promise<AppendResult> => {
    const linked = linkEvents(stream, expectedRevision, events, await hashAt(stream, expectedRevision))
    const chained = linked.map(({ event }) => event)
    // Not cached: an older Hark that completes a reservation may append the same event without a link.
    if (events.some(({ metadata }) => metadata.via === undefined))
      return store.append(stream, expectedRevision, chained)
    // Cached before the append, because a subscriber may receive the events first.
    for (const { event, head } of linked) hashes.set(event.id, head)
    const result = await store.append(stream, expectedRevision, chained).catch(error => {
      // Another writer may have appended the same events with other links.
      for (const { id } of chained) hashes.delete(id)
      throw error
    })
    const head = linked.at(-1)?.head
    if (head !== undefined) heads.set(stream, { revision: result.revision, hash: head.hash })
    return result
  }

  return Object.assign(decorateStore(store, { append }), {
    hashOf: (event: RecordedEvent): Hash => {
      const cached = hashes.get(event.id)
      hashes.delete(event.id)
      // After the deletion of a stream, revisions are later than their append expected.
      return cached?.revision === event.revision ? cached.hash : eventHash(event)
    },
  })
}
