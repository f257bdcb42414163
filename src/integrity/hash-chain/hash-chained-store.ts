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

/** Of so many streams the hash of the last event is kept; of others it is made of the event again. */
const KNOWN_HEADS = 50_000
/** Of so many events that were appended here their hash is kept for who follows the log. */
const KNOWN_EVENTS = 8192

interface Head {
  readonly revision: number
  readonly hash: Hash
}

/** The store with every event that is appended chained to the one before it in its stream, by `previousHash`. */
export interface ChainedStore extends EventStore {
  /** The hash of an event, which is not made twice of what was appended here just now. */
  hashOf(event: RecordedEvent): Hash
}

/** In its place in the canonical order, where the others are in theirs: nothing has to be sorted then. */
const linked = (metadata: EventMetadata, previousHash: Hash | undefined): EventMetadata => {
  if (previousHash === undefined) return metadata
  const { schemaVersion, via, ...others } = metadata
  return { ...others, previousHash, schemaVersion, ...(via && { via }) }
}

/** Chains what is appended; reading is the store's own. */
export const chainedStore = (store: EventStore): ChainedStore => {
  const heads = createLru<string, Head>(KNOWN_HEADS)
  const hashes = createLru<string, Head>(KNOWN_EVENTS)

  const knownAt = (stream: string, revision: number): Hash | undefined => {
    const head = heads.get(stream)
    return head?.revision === revision ? head.hash : undefined
  }

  /** @throws WrongExpectedRevision where the stream has no such event */
  const readAt = async (stream: string, revision: number): Promise<Hash> => {
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
    let previousHash = knownAt(stream, expectedRevision)
    if (previousHash === undefined && expectedRevision !== NO_STREAM)
      previousHash = await readAt(stream, expectedRevision)
    const made: Hash[] = []
    const chained = events.map((event, index): EventToAppend => {
      const data = canonical(event.data)
      const metadata = canonical(linked(event.metadata, previousHash))
      const place = { stream, revision: expectedRevision + 1 + index, id: event.id, type: event.type }
      previousHash = sha256(hashedText(place, data.json, metadata.json))
      made.push(previousHash)
      const json = { data: data.json, metadata: metadata.json }
      return { ...event, data: data.value, metadata: metadata.value, json }
    })
    // What an older Hark claimed it may have appended as well, without a link: that is looked at when it is needed.
    const isOwn = events.every(({ metadata }) => metadata.via !== undefined)
    if (!isOwn) return store.append(stream, expectedRevision, chained)
    // Before they are there: who follows the log may be told of them first.
    for (const [index, { id }] of chained.entries())
      hashes.set(id, { revision: expectedRevision + 1 + index, hash: made[index] as Hash })
    const result = await store.append(stream, expectedRevision, chained).catch(error => {
      // Whoever else may have appended them has linked them in a way of their own.
      for (const { id } of chained) hashes.delete(id)
      throw error
    })
    if (previousHash !== undefined) heads.set(stream, { revision: result.revision, hash: previousHash })
    return result
  }

  return Object.assign(decorateStore(store, { append }), {
    hashOf: (event: RecordedEvent): Hash => {
      const known = hashes.get(event.id)
      if (known === undefined) return eventHash(event)
      hashes.delete(event.id)
      // In a stream that somebody deleted it stands behind what that had, until its append is told so.
      return known.revision === event.revision ? known.hash : eventHash(event)
    },
  })
}
