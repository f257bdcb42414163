import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from '../../schemas/commands.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { metadataEventOf } from '../../schemas/resources/metadata.ts'
import { connector } from '../../src/domain/connector.ts'
import type { Decider, WithNewUid } from '../../src/domain/decider.ts'
import { listener } from '../../src/domain/listener.ts'
import { withMetadata } from '../../src/domain/metadata.ts'
import { multiKeyListener } from '../../src/domain/multi-key-listener.ts'
import { site } from '../../src/domain/site.ts'
import { anyCommand } from '../support/domain/arbitrary-commands.ts'
import { World } from '../support/domain/command-simulator.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import {
  BACKEND,
  connectorCreated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  siteCreated,
} from '../support/domain/event-builders.ts'
import { listenerSpec } from '../support/domain/specs.ts'
import fc from '../support/fast-check.ts'

type AnyDecider = Decider<unknown, WithNewUid<Command>, DomainEvent>

const given = scenario(withMetadata('Listener', listener as unknown as AnyDecider))
const about = { namespace: BACKEND.namespace, name: BACKEND.name, newUid: 'uid-1' }
const update = (changes: object) =>
  ({ type: 'UpdateListenerMetadata', ...about, overwrite: true, ...changes }) as WithNewUid<Command>
const apply = (metadata: object, port = 8080) =>
  ({ type: 'ApplyListener', ...about, spec: listenerSpec({ port }), ...metadata }) as WithNewUid<Command>
const labelsUpdated = (labels: object, previous?: object) =>
  ({ type: 'ListenerLabelsUpdated', data: { ...BACKEND, labels, ...(previous && { previous }) } }) as DomainEvent
const annotationsUpdated = (annotations: object, previous?: object) =>
  ({
    type: 'ListenerAnnotationsUpdated',
    data: { ...BACKEND, annotations, ...(previous && { previous }) },
  }) as DomainEvent

describe('withMetadata', () => {
  it('sets, changes and removes labels, and keeps others', () => {
    given(listenerCreated(), labelsUpdated({ app: 'a', tier: 'web', old: '' }))
      .when(update({ labels: { app: 'b', old: null, team: 'shop' } }))
      .then(labelsUpdated({ app: 'b', tier: 'web', team: 'shop' }, { app: 'a', tier: 'web', old: '' }))
  })

  it('emits an event for labels and one for annotations', () => {
    given(listenerCreated())
      .when(update({ labels: { app: 'a' }, annotations: { note: 'on call' } }))
      .then(labelsUpdated({ app: 'a' }, {}), annotationsUpdated({ note: 'on call' }, {}))
  })

  it('emits nothing if nothing changes', () => {
    given(listenerCreated(), labelsUpdated({ app: 'a' }))
      .when(update({ labels: { app: 'a', missing: null }, annotations: {} }))
      .then()
  })

  it('rejects another value of a key unless it may overwrite', () => {
    const labelled = given(listenerCreated(), labelsUpdated({ app: 'a' }))
    labelled
      .when(update({ labels: { app: 'b' }, overwrite: false }))
      .thenRefused('ALREADY_EXISTS', 'Listener backend has app=a among its labels: overwrite it to change it')
    labelled
      .when(update({ labels: { app: 'a', constructor: 'x' }, overwrite: false }))
      .then(labelsUpdated({ app: 'a', constructor: 'x' }, { app: 'a' }))
    labelled.when(update({ labels: { app: null }, overwrite: false })).then(labelsUpdated({}, { app: 'a' }))
  })

  it('rejects annotations that are too large together', () => {
    const large = 'x'.repeat(200_000)
    given(listenerCreated(), annotationsUpdated({ a: large }))
      .when(update({ annotations: { b: large } }))
      .thenRefused('BAD_USER_INPUT', /^annotations: are too large/)
  })

  it('rejects a resource that does not exist, or no longer', () => {
    const refused = [given(), given(listenerCreated(), listenerDeleted())]
    for (const each of refused)
      each.when(update({ labels: {} })).thenRefused('NOT_FOUND', /^Listener backend not found/)
  })

  it('creates with labels, which have no previous ones', () => {
    given()
      .when(apply({ labels: { app: 'a' }, annotations: {} }))
      .then(listenerCreated(), labelsUpdated({ app: 'a' }))
  })

  it('forgets the labels of a deleted resource', () => {
    given(listenerCreated(), labelsUpdated({ app: 'a' }), listenerDeleted(), listenerCreated())
      .when(update({ labels: { tier: 'web' } }))
      .then(labelsUpdated({ tier: 'web' }, {}))
  })

  it('replaces labels by those of a manifest, after its other changes', () => {
    given(listenerCreated(), labelsUpdated({ app: 'a', old: '' }))
      .when(apply({ labels: { app: 'a' } }, 9090))
      .then(portUpdated(2, 8080, 9090), labelsUpdated({ app: 'a' }, { app: 'a', old: '' }))
  })

  it('keeps labels if a manifest has none', () => {
    given(listenerCreated(), labelsUpdated({ app: 'a' }))
      .when(apply({}))
      .then()
  })

  it('gives every kind labels by the same rules', () => {
    const kinds = [
      ['Connector', connector, connectorCreated()],
      ['MultiKeyListener', multiKeyListener, undefined],
      ['Site', site, siteCreated()],
    ] as const
    for (const [kind, decider, created] of kinds) {
      const wrapped = withMetadata(kind, decider as unknown as AnyDecider)
      const command = { type: `Update${kind}Metadata`, ...about, overwrite: true, labels: { app: 'a' } }
      if (created === undefined) continue
      const { name, uid } = created.data
      const events = wrapped.decide(
        { ...command, name } as WithNewUid<Command>,
        wrapped.evolve(wrapped.initial, created),
      )
      assert.deepEqual(events, [
        {
          type: `${kind}LabelsUpdated`,
          data: { namespace: 'west', name, uid, labels: { app: 'a' }, previous: {} },
        },
      ])
    }
  })

  it('finds a site by its name too', () => {
    const wrapped = withMetadata('Site', site as unknown as AnyDecider)
    const command = { type: 'UpdateSiteMetadata', ...about, overwrite: true, labels: {} } as WithNewUid<Command>
    assert.throws(
      () => wrapped.decide(command, wrapped.evolve(wrapped.initial, siteCreated())),
      /Site backend not found/,
    )
  })

  it('never starts a generation', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60 }), commands => {
        const world = new World()
        for (const { type, data } of commands.flatMap(command => world.run(command).events))
          if (metadataEventOf(type) !== undefined) assert.equal('generation' in data, false)
      }),
    )
  })
})
