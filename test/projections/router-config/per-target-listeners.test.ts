import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { entitiesOf, routerConfig } from '../../../projections/router-config/router-config.ts'
import { listenerCreated, listenerDeleted } from '../../support/domain/event-builders.ts'
import { type Told, tablesAfter } from '../../support/projections/recorded.ts'
import { connectorSeen, routerAttached } from '../../support/projections/router-facts.ts'

const exposing = listenerCreated({ exposePodsByName: true })
const { name: NAME, spec } = exposing.data

const namesAfter = (...events: readonly Told[]): string[] =>
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
