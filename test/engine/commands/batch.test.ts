import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { decideBatch } from '../../../src/engine/commands/batch.ts'
import type { PendingCommand } from '../../../src/engine/commands/pending-command.ts'

const MAX_EVENTS = 200
const PENDING = {
  resource: { decider: { evolve: (state: unknown) => state }, hasSameEndpoint: () => true },
  command: { namespace: 'west' },
  options: {},
} as unknown as PendingCommand
const EVENT = { type: 'PortUpdated' } as DomainEvent

const batchOf = (commands: number, eventsEach: number) => {
  const known = { state: {}, revision: 0, position: 0, isConfirmed: true }
  const decide = () => ({ events: Array.from({ length: eventsEach }, () => EVENT) })
  return decideBatch(Array(commands).fill(PENDING), known, new Map(), decide)
}

describe('decideBatch', () => {
  it('limits the events of an append to 200', () => {
    assert.equal(batchOf(MAX_EVENTS, 1).consumed, MAX_EVENTS)
    const { decided, consumed } = batchOf(MAX_EVENTS + 50, 1)
    assert.deepEqual([decided.length, consumed], [MAX_EVENTS, MAX_EVENTS])
    assert.equal(batchOf(3, 80).consumed, 2)
  })

  it('takes a command with more events alone', () => {
    assert.deepEqual([batchOf(2, 300).consumed, batchOf(2, 300).decided[0]?.events.length], [1, 300])
  })
})
