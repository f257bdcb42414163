import { test } from 'node:test'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../../src/event-store/event-store.ts'
import { lastPosition } from '../../../src/event-store/last-event.ts'

/** A store to test, on its own or a shared log. */
export interface Harness extends AsyncDisposable {
  readonly store: EventStore
  /** Closes the store and opens one on the same log. */
  reopen(): Promise<EventStore>
  /** For stores that talk to a server. */
  readonly server?: ServerControls
}

/** Outages of a server. */
export interface ServerControls {
  /** How long the store waits for a response. */
  readonly timeoutMs: number
  kill(): Promise<void>
  /** After `kill`. */
  start(): Promise<void>
  /** Keeps connections and stops responding. */
  freeze(): void
  unfreeze(): void
  /** Resets connections and accepts new ones. */
  cutConnections(): void
  /** Carries out the next append, and resets the connection instead of a response. */
  loseNextAnswer(): void
}

export interface Scene {
  readonly harness: Harness
  readonly store: EventStore
  /** Prefix of this test's stream names. */
  readonly prefix: string
  /** The end of the log before the test. */
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
