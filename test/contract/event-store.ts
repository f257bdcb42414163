import { describe } from 'node:test'
import { appending } from './event-store/appending.ts'
import { closing } from './event-store/closing.ts'
import { declareWith, type MakeHarness } from './event-store/harness.ts'
import { outages } from './event-store/outages.ts'
import { properties } from './event-store/properties.ts'
import { reading } from './event-store/reading.ts'
import { subscribing } from './event-store/subscribing.ts'

/** What every event store does, whatever it is made of. */
export const eventStoreContract = (name: string, makeHarness: MakeHarness, { hasServer = false } = {}): void => {
  const it = declareWith(makeHarness)
  describe(name, () => {
    describe('appending', () => appending(it))
    describe('reading', () => reading(it))
    describe('subscribing', () => subscribing(it))
    describe('closing', () => closing(it))
    describe('properties', () => properties(it))
    if (hasServer) describe('outages', () => outages(it))
  })
}
