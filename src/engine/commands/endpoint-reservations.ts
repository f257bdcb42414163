import { randomUUID } from 'node:crypto'
import { endpointTaken } from '../../../schemas/errors.ts'
import type { Detour, EventData } from '../../../schemas/events/events.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { createLru } from '../../lib/lru.ts'
import { type Endpoint, resourceOfStream } from './resource-registry.ts'
import { aggregateStream } from './stream-state.ts'

type Claim = EventData<'EndpointReserved'>['claim']

interface Append {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly EventToAppend[]
}

const MAX_REVISIONS = 50_000

/**
 * In a namespace, one listener at most holds a host and port. The rule crosses streams, and a store appends to one stream
 * at a time. So each endpoint has a stream of its own: a command appends a reservation there before it appends to its
 * listener's stream. Two commands that race expect the same revision of the endpoint's stream, and one of them fails.
 *
 * A reservation carries the append that it is made for, with its ids and expected revision. Anyone who finds a reservation
 * completes it first: the append succeeds, or repeats an earlier success without effect, or can never succeed, because the
 * stream has moved on. After that, the listener's own stream decides who holds the endpoint. Therefore a crash between the
 * two appends leaves neither a blocked endpoint nor a listener without one, and endpoints need not be released: a
 * listener that has moved or was deleted does not hold them, whatever reservations there are.
 */
export class EndpointReservations {
  readonly #store: EventStore
  /** Of endpoint streams, as of this process's last append. */
  readonly #revisions = createLru<string, number>(MAX_REVISIONS)

  constructor(store: EventStore) {
    this.#store = store
  }

  /**
   * Reserves an endpoint for an append that follows.
   *
   * @throws HarkError ALREADY_EXISTS if another listener holds it
   */
  async reserve(endpoint: Endpoint, claim: Append, metadata: EventMetadata, detour?: Detour): Promise<void> {
    const { namespace, host, port } = endpoint
    const data = { namespace, host, port, ...(detour && { detour }), claim }
    const reservation = { id: randomUUID(), type: 'EndpointReserved', data, metadata }
    for (let expected = this.#revisions.get(endpoint.stream) ?? NO_STREAM; ; ) {
      // Without a known reservation, the append itself finds out whether there is one.
      if (expected !== NO_STREAM) expected = await this.#ensureFree(endpoint, claim.stream)
      try {
        const { revision } = await this.#store.append(endpoint.stream, expected, [reservation])
        this.#revisions.set(endpoint.stream, revision)
        return
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error
        expected = error.actual
      }
    }
  }

  /** Returns the revision of the endpoint's stream at which no other listener holds it. */
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
    const name = claim.stream.slice(claim.stream.indexOf('.') + 1)
    throw endpointTaken(endpoint.namespace, endpoint.host, endpoint.port, name)
  }

  /** Makes the append of a reservation; false if it can no longer be made. */
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
