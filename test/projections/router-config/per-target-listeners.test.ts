import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { entitiesOf, routerConfig } from '../../../projections/router-config/router-config.ts'
import { hostUpdated, listenerCreated, listenerDeleted, portUpdated } from '../../support/domain/event-builders.ts'
import { type EventInput, tablesAfter } from '../../support/projections/recorded.ts'
import { connectorGone, connectorSeen, routerAttached } from '../../support/projections/router-facts.ts'

const exposing = listenerCreated({ exposePodsByName: true })
const { name: NAME, spec } = exposing.data

const namesAfter = (...events: readonly EventInput[]): string[] =>
  entitiesOf(tablesAfter(routerConfig, ...events), 'west').flatMap(({ type, name }) =>
    type === 'tcpListener' ? [name] : [],
  )

const seen = (target: string) => connectorSeen(`router:${target}`, { routingKey: `${spec.routingKey}.${target}` })

describe('routerConfig: exposePodsByName', () => {
  it('has a tcpListener for each target on the network, until the listener is deleted', () => {
    for (const target of ['pod-1', '10.1.2.3', 'shard-0.db.svc']) {
      assert.deepEqual(namesAfter(exposing, seen(target)), [`listener/${NAME}`, `listener/${NAME}@${target}`])
      assert.deepEqual(namesAfter(exposing, seen(target), listenerDeleted()), [])
    }
  })

  it('ignores targets that are no host names', () => {
    for (const target of [
      'user@shard-0',
      'UPPER_x.y',
      'x'.repeat(230),
      '../etc',
      '10.0.0.256',
      'a b',
      'a@',
      '@',
      '.',
    ]) {
      assert.deepEqual(namesAfter(exposing, seen(target)), [`listener/${NAME}`], target)
    }
  })

  it('removes the targets that an earlier router saw', () => {
    assert.deepEqual(namesAfter(exposing, routerAttached(), seen('pod-1'), routerAttached()), [`listener/${NAME}`])
    assert.deepEqual(namesAfter(exposing, seen('pod-1'), routerAttached(), seen('pod-2')), [
      `listener/${NAME}`,
      `listener/${NAME}@pod-2`,
    ])
  })
})

describe('routerConfig: a host and port that several claim', () => {
  const { port } = spec
  const other = (name: string, data: object = {}) =>
    listenerCreated({ routingKey: name, host: name, exposePodsByName: true, ...data }, { name })
  const plain = { name: 'plain' }
  const declared = (host = 'pod-1', namespace = 'west') => listenerCreated({ host, port }, { ...plain, namespace })
  const seenOf = (name: string, target: string) =>
    connectorSeen(`router:${name}-${target}`, { routingKey: `${name}.${target}` })
  const targetsAfter = (...events: readonly EventInput[]) => namesAfter(...events).filter(name => name.includes('@'))
  const holdersAfter = (...events: readonly EventInput[]) =>
    [...tablesAfter(routerConfig, ...events).exposed.rows()].map(({ listener, holder }) => [listener, holder])

  it('keeps it for the declared listener, whichever came first', () => {
    const orders = [
      [exposing, seen('pod-1'), declared()],
      [exposing, declared(), seen('pod-1')],
      [declared(), exposing, seen('pod-1')],
    ]
    for (const events of orders) {
      assert.deepEqual(namesAfter(...events), [`listener/${NAME}`, 'listener/plain'])
      assert.deepEqual(holdersAfter(...events), [[NAME, { listener: 'plain' }]])
    }
  })

  it('gives it to the target once the declared listener moves or goes', () => {
    const taken = [exposing, seen('pod-1'), declared()]
    for (const event of [
      listenerDeleted(plain),
      portUpdated(2, port, port + 1, plain),
      hostUpdated(2, 'pod-1', 'pod-2', plain),
    ]) {
      assert.deepEqual(targetsAfter(...taken, event), [`listener/${NAME}@pod-1`])
      assert.deepEqual(holdersAfter(...taken, event), [[NAME, undefined]])
    }
  })

  it('takes it from the target when a declared listener moves to it', () => {
    const moved = hostUpdated(2, 'pod-2', 'POD-1', plain)
    assert.deepEqual(targetsAfter(exposing, seen('pod-1'), declared('pod-2'), moved), [])
  })

  it('prefers the target of the older listener, in whatever order the network shows them', () => {
    const listeners = [other('old'), other('young')]
    for (const [first, second] of [
      ['old', 'young'],
      ['young', 'old'],
    ] as const) {
      const events = [...listeners, seenOf(first, 'pod-1'), seenOf(second, 'pod-1')]
      assert.deepEqual(targetsAfter(...events), ['listener/old@pod-1'])
      assert.deepEqual(new Map(holdersAfter(...events) as [string, unknown][]).get('young'), {
        listener: 'old',
        target: 'pod-1',
      })
      assert.deepEqual(targetsAfter(...events, connectorGone('router:old-pod-1')), ['listener/young@pod-1'])
      assert.deepEqual(targetsAfter(...events, listenerDeleted({ name: 'old' })), ['listener/young@pod-1'])
      assert.deepEqual(targetsAfter(...events, portUpdated(2, port, port + 1, { name: 'old' })), [
        'listener/old@pod-1',
        'listener/young@pod-1',
      ])
    }
  })

  it('does not compare targets of other namespaces or ports', () => {
    assert.deepEqual(targetsAfter(exposing, seen('pod-1'), declared('pod-1', 'east')), [`listener/${NAME}@pod-1`])
    const events = [exposing, other('young', { port: port + 1 }), seen('pod-1'), seenOf('young', 'pod-1')]
    assert.deepEqual(targetsAfter(...events), [`listener/${NAME}@pod-1`, 'listener/young@pod-1'])
  })
})
