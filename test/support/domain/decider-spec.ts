import assert from 'node:assert/strict'
import { type ErrorCode, HarkError } from '../../../schemas/errors.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { Decider } from '../../../src/domain/decider.ts'

interface Outcome<Event> {
  then(...events: readonly Event[]): void
  /** @param faults expected details of the error */
  thenRefused(code: ErrorCode, message: RegExp | string, faults?: readonly Issue[]): void
}

/** Given, when, then for deciders. */
export const scenario =
  <State, Command, Event>({ initial, decide, evolve }: Decider<State, Command, Event>) =>
  (...history: readonly Event[]) => ({
    when: (command: Command): Outcome<Event> => {
      const state = history.reduce(evolve, initial)
      return {
        // biome-ignore lint/suspicious/noThenProperty: the words of a decider specification; it is never awaited.
        then: (...events) => assert.deepEqual(decide(command, state), events),
        thenRefused: (code, message, faults) => {
          assert.throws(
            () => decide(command, state),
            (error: unknown) => {
              assert.ok(error instanceof HarkError)
              assert.equal(error.code, code)
              if (typeof message === 'string') assert.equal(error.message, message)
              else assert.match(error.message, message)
              if (faults !== undefined) assert.deepEqual(error.details.fields, faults)
              return true
            },
          )
        },
      }
    },
  })
