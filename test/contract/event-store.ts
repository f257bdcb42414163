import { describe } from 'node:test'
import { appending } from './event-store/appending.ts'
import { closing } from './event-store/closing.ts'
import { type Declare, declareWith, type MakeHarness } from './event-store/harness.ts'
import { outages } from './event-store/outages.ts'
import { properties } from './event-store/properties.ts'
import { reading } from './event-store/reading.ts'
import { subscribing } from './event-store/subscribing.ts'

const SUITES = {
  append: appending,
  read: reading,
  subscribe: subscribing,
  close: closing,
  properties,
  /** For stores that talk to a server. */
  outages,
} satisfies Record<string, (it: Declare) => void>

export type Suite = keyof typeof SUITES

/** Declares the tests that every event store must pass. */
export const eventStoreContract = (name: string, makeHarness: MakeHarness, suites: readonly Suite[]): void => {
  const it = declareWith(makeHarness)
  describe(name, () => {
    for (const suite of suites) describe(suite, () => SUITES[suite](it))
  })
}
