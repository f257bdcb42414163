import { canonical } from '../../../schemas/canonical-json.ts'
import type { EventMetadata, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { decorateStore } from '../../event-store/decorate-store.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  type StreamAppend,
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

/** `previousHash` links each event to its predecessor in the stream; `LogVerifier` verifies the links. */
export interface ChainedStore extends EventStore {
  hashOf(event: RecordedEvent): Hash
}

const withLink = (metadata: EventMetadata, previousHash: Hash | undefined): EventMetadata => {
  if (previousHash === undefined) return metadata
  const { schemaVersion, traceparent, via, ...others } = metadata
  return { ...others, previousHash, schemaVersion, ...(traceparent && { traceparent }), ...(via && { via }) }
}

interface LinkedAppend extends StreamAppend {
  readonly heads: readonly Head[]
  /** Not cached: an older Hark that completes a reservation may append the same event without a link. */
  readonly isCached: boolean
}

const link = ({ stream, expectedRevision, events }: StreamAppend, previousHash: Hash | undefined): LinkedAppend => {
  const linked: EventToAppend[] = []
  const heads: Head[] = []
  let previous = previousHash
  let isCached = true
  for (const event of events) {
    const { id, type } = event
    const data = canonical(event.data)
    const metadata = canonical(withLink(event.metadata, previous))
    const revision = expectedRevision + 1 + heads.length
    const hash = sha256(hashedText({ stream, revision, id, type }, data.json, metadata.json))
    const json = { data: data.json, metadata: metadata.json }
    linked.push({ ...event, data: data.value, metadata: metadata.value, json })
    heads.push({ revision, hash })
    if (event.metadata.via === undefined) isCached = false
    previous = hash
  }
  return { stream, expectedRevision, events: linked, heads, isCached }
}

export const chainedStore = (store: EventStore): ChainedStore => {
  const heads = createLru<string, Head>(MAX_HEADS)
  const hashes = createLru<string, Head>(MAX_HASHES)

  /** Most are known, and an await costs more than a look. */
  const hashAt = (stream: string, revision: number): Hash | undefined | Promise<Hash> => {
    if (revision === NO_STREAM) return undefined
    const head = heads.get(stream)
    return head?.revision === revision ? head.hash : storedHash(stream, revision)
  }

  /** @throws WrongExpectedRevision if the stream has no such event */
  const storedHash = async (stream: string, revision: number): Promise<Hash> => {
    const event = await first(store.readStream(stream, { from: revision, limit: 1 }))
    if (event !== undefined) return eventHash(event)
    const last = await lastEventOf(store, stream)
    throw new WrongExpectedRevision(stream, revision, last?.revision ?? NO_STREAM)
  }

  /** Caches before the append, because a subscriber may receive the events first. */
  const cache = ({ events, heads, isCached }: LinkedAppend): void => {
    if (isCached)
      for (let at = 0; at < events.length; at += 1) hashes.set((events[at] as EventToAppend).id, heads[at] as Head)
  }

  /** Another writer may have appended the same events with other links. */
  const forget = ({ events }: LinkedAppend): void => {
    for (const { id } of events) hashes.delete(id)
  }

  const noteHead = ({ stream, heads: linked, isCached }: LinkedAppend, { revision }: AppendResult): void => {
    const head = linked.at(-1)
    if (head !== undefined && isCached) heads.set(stream, { revision, hash: head.hash })
  }

  const append: EventStore['append'] = async (stream, expectedRevision, events) => {
    const known = hashAt(stream, expectedRevision)
    const linked = link({ stream, expectedRevision, events }, known instanceof Promise ? await known : known)
    cache(linked)
    try {
      const result = await store.append(stream, expectedRevision, linked.events)
      noteHead(linked, result)
      return result
    } catch (error) {
      forget(linked)
      throw error
    }
  }

  const { appendAll } = store
  const appendAllLinked: EventStore['appendAll'] =
    appendAll &&
    (async appends => {
      const linked: LinkedAppend[] = []
      for (const each of appends) {
        const known = hashAt(each.stream, each.expectedRevision)
        linked.push(link(each, known instanceof Promise ? await known : known))
      }
      for (const each of linked) cache(each)
      try {
        const results = await appendAll(linked)
        for (let at = 0; at < linked.length; at += 1) noteHead(linked[at] as LinkedAppend, results[at] as AppendResult)
        return results
      } catch (error) {
        for (const each of linked) forget(each)
        throw error
      }
    })

  return Object.assign(decorateStore(store, { append, ...(appendAllLinked && { appendAll: appendAllLinked }) }), {
    hashOf: (event: RecordedEvent): Hash => {
      const cached = hashes.get(event.id)
      hashes.delete(event.id)
      // After the deletion of a stream, revisions are later than their append expected.
      return cached?.revision === event.revision ? cached.hash : eventHash(event)
    },
  })
}
