import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DomainEvent, EVENTS } from '../../schemas/events/events.ts'
import { anyCommand } from '../support/domain/arbitrary-commands.ts'
import { World } from '../support/domain/command-simulator.ts'
import fc from '../support/fast-check.ts'

const written = (event: DomainEvent): unknown => JSON.parse(JSON.stringify(event.data))

describe('EVENTS', () => {
  it('accepts every event of the deciders, before and after serialization', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60 }), commands => {
        const world = new World()
        for (const event of commands.flatMap(command => world.run(command).events)) {
          assert.deepEqual(EVENTS[event.type].data.parse(event.data), event.data)
          assert.deepEqual(written(event), event.data)
        }
      }),
    )
  })

  it('rejects unknown properties in the data of every type', () => {
    for (const [type, { data: schema }] of Object.entries(EVENTS)) {
      const parsed = schema.safeParse({ privateKey: 'secret' })
      assert.ok(
        parsed.error?.issues.some(issue => issue.code === 'unrecognized_keys'),
        type,
      )
    }
  })
})
