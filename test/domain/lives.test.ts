import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { metadataEventOf } from '../../schemas/resources/metadata.ts'
import { anyCommand } from '../support/domain/arbitrary-commands.ts'
import { World } from '../support/domain/command-simulator.ts'
import fc from '../support/fast-check.ts'

const commands = fc.array(anyCommand, { maxLength: 60 })

const isBirth = ({ type }: DomainEvent): boolean => type.endsWith('Created')
const isDeath = ({ type }: DomainEvent): boolean => type.endsWith('Deleted')
const uidOf = ({ data }: DomainEvent): string => (data as { uid: string }).uid
const generationOf = ({ data }: DomainEvent): number => (data as { generation?: number }).generation ?? 1

describe('decide and evolve', () => {
  it('increments the generation with each change, and keeps the uid until deletion', () => {
    fc.assert(
      fc.property(commands, commands => {
        const world = new World()
        const alive = new Map<string, { readonly uid: string; readonly generation: number }>()
        for (const command of commands) {
          const { stream, events: all } = world.run(command)
          const before = alive.get(stream)
          const events = all.filter(({ type }) => metadataEventOf(type) === undefined)
          const [first] = events
          if (first === undefined) {
            for (const event of all) assert.equal(uidOf(event), before?.uid)
            continue
          }
          if (isBirth(first)) {
            assert.equal(before, undefined, 'what lives is not born again')
            assert.equal(events.length, 1)
            alive.set(stream, { uid: uidOf(first), generation: 1 })
            continue
          }
          assert.ok(before !== undefined, 'what is not there does not change')
          for (const event of events) assert.equal(uidOf(event), before.uid)
          if (isDeath(first)) {
            assert.equal(events.length, 1)
            alive.delete(stream)
            continue
          }
          for (const event of events) assert.equal(generationOf(event), before.generation + 1)
          alive.set(stream, { uid: before.uid, generation: before.generation + 1 })
        }
      }),
    )
  })

  it('emits nothing for a repeated command', () => {
    fc.assert(
      fc.property(commands, anyCommand, (commands, command) => {
        const world = new World()
        for (const earlier of commands) world.run(earlier)
        world.run(command)
        assert.deepEqual(world.run(command).events, [])
      }),
    )
  })
})
