import { randomUUID } from 'node:crypto'
import { endpointTaken } from '../../../schemas/errors.ts'
import type { Detour, EventData } from '../../../schemas/events/events.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  type StreamAppend,
  WrongExpectedRevision,
} from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { createLru } from '../../lib/lru.ts'
import { markAsMade } from '../read-models/decode-event.ts'
import { type Endpoint, ownerOfStream, resourceOfStream } from './resource-definition.ts'
import { aggregateStream } from './stream-state.ts'

type Claim = EventData<'EndpointReserved'>['claim']

const MAX_REVISIONS = 50_000

/**
 * At most one listener of a namespace holds a host and port. A command appends a reservation to the endpoint's stream
 * before it appends to its listener's: of two racing commands one fails, because both expect the same revision.
 * The reservation carries the append that follows, so that after a crash a command that finds it completes it. A store
 * that appends to several streams at once writes both together. The listener's stream decides who holds the endpoint, so
 * endpoints need no release.
 */
export class EndpointReservations {
  readonly #store: EventStore
  readonly #revisions = createLru<string, number>(MAX_REVISIONS)

  constructor(store: EventStore) {
    this.#store = store
  }

  /**
   * Reserves the endpoint and makes the append.
   *
   * @throws HarkError ALREADY_EXISTS if another listener holds the endpoint
   * @throws WrongExpectedRevision and others like `append` of the store
   */
  async append(
    endpoint: Endpoint,
    claim: StreamAppend,
    metadata: EventMetadata,
    detour?: Detour,
  ): Promise<AppendResult> {
    const { namespace, host, port } = endpoint
    const { events, expectedRevision, stream } = claim
    // In the order of canonical JSON.
    const data = { claim: { events, expectedRevision, stream }, ...(detour && { detour }), host, namespace, port }
    markAsMade(data)
    const reservation = { id: randomUUID(), type: 'EndpointReserved', data, metadata }
    for (let expected = this.#revisions.get(endpoint.stream) ?? NO_STREAM; ; ) {
      // Without a known reservation, the append itself detects one.
      if (expected !== NO_STREAM) expected = await this.#ensureFree(endpoint, claim.stream)
      try {
        const reserving = { stream: endpoint.stream, expectedRevision: expected, events: [reservation] }
        return await this.#appendBoth(reserving, claim)
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision && error.stream === endpoint.stream)) throw error
        expected = error.actual
      }
    }
  }

  async #appendBoth(reserving: StreamAppend, claim: StreamAppend): Promise<AppendResult> {
    const { appendAll } = this.#store
    if (appendAll !== undefined) {
      const [reserved, claimed] = await appendAll([reserving, claim])
      this.#revisions.set(reserving.stream, (reserved as AppendResult).revision)
      return claimed as AppendResult
    }
    const { revision } = await this.#store.append(reserving.stream, reserving.expectedRevision, reserving.events)
    this.#revisions.set(reserving.stream, revision)
    return this.#store.append(claim.stream, claim.expectedRevision, claim.events)
  }

  async #ensureFree(endpoint: Endpoint, claimant: string): Promise<number> {
    const last = await lastEventOf(this.#store, endpoint.stream)
    if (last === undefined) return NO_STREAM
    const { claim } = last.data as EventData<'EndpointReserved'>
    if (claim.stream === claimant) return last.revision
    await this.complete(claim)
    const holder = resourceOfStream(claim.stream)
    if (holder === undefined) return last.revision
    const { state } = await aggregateStream(this.#store, claim.stream, holder.decider)
    if (holder.endpoint(endpoint.namespace, state)?.stream !== endpoint.stream) return last.revision
    throw endpointTaken(endpoint.namespace, endpoint.host, endpoint.port, ownerOfStream(claim.stream))
  }

  /** Returns false if the append can no longer succeed. */
  async complete(claim: Claim): Promise<boolean> {
    try {
      await this.#store.append(claim.stream, claim.expectedRevision, claim.events as unknown as EventToAppend[])
      return true
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
      return false
    }
  }
}
