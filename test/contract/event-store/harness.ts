import { test } from 'node:test'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../../src/event-store/event-store.ts'
import { lastPosition } from '../../../src/event-store/last-event.ts'

/** A store to hold to the contract, with a log of its own or on one that it shares. */
export interface Harness extends AsyncDisposable {
  readonly store: EventStore
  /** Closes the store and opens one on the same log. */
  reopen(): Promise<EventStore>
  /** For stores that talk to a server. */
  readonly server?: ServerControls
}

/** The ways in which a server goes away and comes back. */
export interface ServerControls {
  /** How long the store waits for an answer. */
  readonly timeoutMs: number
  kill(): Promise<void>
  /** After `kill`. */
  start(): Promise<void>
  /** Connections stay, and nothing is answered. */
  freeze(): void
  unfreeze(): void
  /** Resets the connections; new ones are taken. */
  cutConnections(): void
  /** The next append is carried out, and its answer lost with the connection. */
  loseNextAnswer(): void
}

export interface Scene {
  readonly harness: Harness
  readonly store: EventStore
  /** Begins the names of this test's streams, and of no other's. */
  readonly prefix: string
  /** Where the log ended before the test. */
  readonly start: Position
}

export type MakeHarness = () => Promise<Harness>

/** Declares a test with a store of its own. */
export type Declare = (name: string, body: (scene: Scene) => Promise<void>) => void

export const declareWith =
  (makeHarness: MakeHarness): Declare =>
  (name, body) => {
    test(name, async () => {
      await using harness = await makeHarness()
      const { store } = harness
      await body({ harness, store, prefix: `contract.${crypto.randomUUID()}.`, start: await lastPosition(store) })
    })
  }
