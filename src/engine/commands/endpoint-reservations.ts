import { randomUUID } from 'node:crypto'
import { endpointTaken } from '../../../schemas/errors.ts'
import type { Detour, EventData } from '../../../schemas/events/events.ts'
import type { EventMetadata } from '../../../schemas/events/recorded-event.ts'
import { type EventStore, type EventToAppend, NO_STREAM, WrongExpectedRevision } from '../../event-store/event-store.ts'
import { lastEventOf } from '../../event-store/last-event.ts'
import { createLru } from '../../lib/lru.ts'
import { aggregateStream } from './aggregate-stream.ts'
import { type Endpoint, listenerKind } from './resource-registry.ts'

type Claim = EventData<'EndpointReserved'>['claim']

/** The append that an endpoint is wanted for. */
interface Append {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly EventToAppend[]
}

const KNOWN_ENDPOINTS = 50_000

/**
 * Host and port are a listener's alone in its namespace. That rule crosses streams, and a store appends to one at a time:
 * so each endpoint has a stream, and whoever wants it appends a claim there before it appends to its listener's stream.
 * Two that race expect the same revision of the endpoint's stream, and one of them loses.
 *
 * A claim carries the very append that it was made for, ids, expected revision and all. Whoever meets a claim therefore
 * finishes it first: that append either succeeds, perhaps for the second time, which adds nothing, or it never can,
 * because something else stands at that revision. After that, what the listener's own stream says is all there is to
 * know. So no crash between the two appends can leave an endpoint that nobody can take, or a listener without one, and
 * nobody needs to give an endpoint back: a listener that moved or was deleted does not hold it, whatever claims there are.
 */
export class EndpointReservations {
  readonly #store: EventStore
  /** The last revision of the streams of endpoints, as far as this process appended them. A guess: others append too. */
  readonly #revisions = createLru<string, number>(KNOWN_ENDPOINTS)

  constructor(store: EventStore) {
    this.#store = store
  }

  /**
   * Claims an endpoint for an append that is about to be made.
   *
   * @throws HarkError ALREADY_EXISTS where another listener holds it
   */
  async claim(endpoint: Endpoint, claim: Append, metadata: EventMetadata, detour?: Detour): Promise<void> {
    const { namespace, host, port } = endpoint
    const data = { namespace, host, port, ...(detour && { detour }), claim }
    const reservation = { id: randomUUID(), type: 'EndpointReserved', data, metadata }
    for (let expected = this.#revisions.get(endpoint.stream) ?? NO_STREAM; ; ) {
      // An endpoint that nobody is known to have claimed is claimed without a look; the store tells if somebody has.
      if (expected !== NO_STREAM) expected = await this.#vacate(endpoint, claim.stream)
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

  /** Makes sure that no other listener holds the endpoint, and tells the revision at which that was found. */
  async #vacate(endpoint: Endpoint, claimant: string): Promise<number> {
    const last = await lastEventOf(this.#store, endpoint.stream)
    if (last === undefined) return NO_STREAM
    const { claim } = last.data as EventData<'EndpointReserved'>
    if (claim.stream === claimant) return last.revision
    await this.settle(claim)
    const { state } = await aggregateStream(this.#store, claim.stream, listenerKind.decider)
    if (listenerKind.endpoint(endpoint.namespace, state)?.stream !== endpoint.stream) return last.revision
    const holder = claim.stream.slice(claim.stream.indexOf('.') + 1)
    throw endpointTaken(endpoint.namespace, endpoint.host, endpoint.port, holder)
  }

  /** Finishes what a claim was made for, unless it can no longer be: then it came to nothing, and the answer is false. */
  async settle(claim: Claim): Promise<boolean> {
    try {
      await this.#store.append(claim.stream, claim.expectedRevision, claim.events as unknown as EventToAppend[])
      return true
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error
      return false
    }
  }
}
