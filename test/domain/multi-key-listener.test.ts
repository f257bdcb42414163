import { describe, it } from 'node:test'
import type { DomainEvent } from '../../schemas/events/events.ts'
import type { MultiKeyListenerSpec } from '../../schemas/resources/multi-key-listener.ts'
import { multiKeyListener } from '../../src/domain/multi-key-listener.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import { BACKEND } from '../support/domain/event-builders.ts'
import { multiKeyListenerSpec } from '../support/domain/specs.ts'

const given = scenario(multiKeyListener)

const byPriority = (...routingKeys: string[]) => ({ priority: { routingKeys } })
const byWeight = (routingKeys: Record<string, number>) => ({ weighted: { routingKeys } })
const { namespace, name } = BACKEND
const created = (changes: Partial<MultiKeyListenerSpec> = {}, uid = BACKEND.uid) =>
  ({
    type: 'MultiKeyListenerCreated',
    data: { namespace, name, uid, spec: multiKeyListenerSpec(changes) },
  }) satisfies DomainEvent
const updated = (generation: number, previous: MultiKeyListenerSpec, spec: MultiKeyListenerSpec, uid = BACKEND.uid) =>
  ({
    type: 'MultiKeyListenerUpdated',
    data: { namespace, name, uid, generation, spec, previous },
  }) satisfies DomainEvent
const deleted = { type: 'MultiKeyListenerDeleted', data: BACKEND } satisfies DomainEvent

const about = { namespace, name, newUid: 'uid-2' }
const create = { type: 'CreateMultiKeyListener', ...about, spec: multiKeyListenerSpec() } as const
const deleteIt = { type: 'DeleteMultiKeyListener', ...about } as const
const update = (changes: Partial<MultiKeyListenerSpec> = {}) =>
  ({ type: 'UpdateMultiKeyListener', ...about, spec: multiKeyListenerSpec(changes) }) as const
const apply = (changes: Partial<MultiKeyListenerSpec> = {}) =>
  ({ type: 'ApplyMultiKeyListener', ...about, spec: multiKeyListenerSpec(changes) }) as const

describe('decide for MultiKeyListeners', () => {
  it('creates a listener with the given uid', () => {
    given().when(create).then(created({}, 'uid-2'))
    given().when(apply()).then(created({}, 'uid-2'))
  })

  it('rejects a second CreateMultiKeyListener', () => {
    given(created())
      .when(create)
      .thenRefused('ALREADY_EXISTS', 'MultiKeyListener backend already exists in namespace west')
  })

  it('emits MultiKeyListenerDeleted', () => {
    given(created()).when(deleteIt).then(deleted)
  })

  it('rejects commands for a listener that does not exist', () => {
    const message = 'MultiKeyListener backend not found in namespace west'
    for (const command of [update(), deleteIt]) {
      given().when(command).thenRefused('NOT_FOUND', message)
      given(created(), deleted).when(command).thenRefused('NOT_FOUND', message)
    }
  })

  it('creates a listener with a new uid and generation 1 under a deleted name', () => {
    const life = [created(), updated(2, multiKeyListenerSpec(), multiKeyListenerSpec({ port: 9090 })), deleted]
    given(...life)
      .when(create)
      .then(created({}, 'uid-2'))
    given(...life, created({}, 'uid-2'))
      .when(update({ port: 9090 }))
      .then(updated(2, multiKeyListenerSpec(), multiKeyListenerSpec({ port: 9090 }), 'uid-2'))
  })
})

for (const change of [update, apply]) {
  describe(`${change().type} of an existing listener`, () => {
    it('emits one MultiKeyListenerUpdated for all changed fields', () => {
      const changes = { host: 'other', port: 9090, strategy: byPriority('north', 'south'), tlsCredentials: 'certs' }
      given(created())
        .when(change(changes))
        .then(updated(2, multiKeyListenerSpec(), multiKeyListenerSpec(changes)))
    })

    it('changes the order of routing keys and their weights', () => {
      const reversed = { strategy: byPriority('north', 'east') }
      given(created())
        .when(change(reversed))
        .then(updated(2, multiKeyListenerSpec(), multiKeyListenerSpec(reversed)))
      const [before, after] = [{ strategy: byWeight({ east: 1 }) }, { strategy: byWeight({ east: 2 }) }]
      given(created(before))
        .when(change(after))
        .then(updated(2, multiKeyListenerSpec(before), multiKeyListenerSpec(after)))
    })

    it('emits nothing for an equal spec', () => {
      const weights = { strategy: byWeight({ east: 3, north: 1 }) }
      given(created(weights))
        .when(change({ strategy: byWeight({ north: 1, east: 3 }) }))
        .then()
    })

    it('rejects another kind of strategy', () => {
      given(created())
        .when(change({ strategy: byWeight({ east: 1 }) }))
        .thenRefused('IMMUTABLE_FIELD', /./, [
          { path: 'spec.strategy', message: 'cannot be changed from priority to weighted: delete and create again' },
        ])
    })
  })
}

describe('ApplyMultiKeyListener with replace', () => {
  const replace = (changes: Partial<MultiKeyListenerSpec>) => ({ ...apply(changes), replace: true })

  it('deletes and creates a listener whose kind of strategy changes, with a new uid', () => {
    const weights = { strategy: byWeight({ east: 1 }) }
    given(created()).when(replace(weights)).then(deleted, created(weights, 'uid-2'))
  })

  it('updates a listener of which other fields change', () => {
    given(created())
      .when(replace({ port: 9090 }))
      .then(updated(2, multiKeyListenerSpec(), multiKeyListenerSpec({ port: 9090 })))
  })
})
