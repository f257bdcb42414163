import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NO_CHANGES } from '../../../projections/kit/draft.ts'
import type { Projection, Tables } from '../../../projections/kit/projection.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { API_VERSION } from '../../../schemas/resources/kinds.ts'
import { PROJECTIONS } from '../../../src/engine/read-models/projections.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

type AnyProjection = Projection<Record<string, object>>

/** The versions of release 0.1.0, which skips events of types that it does not have. */
const VERSIONS: Readonly<Record<string, number>> = {
  'connector-status': 6,
  'endpoint-claims': 2,
  'listener-status': 5,
  'router-config': 5,
  'routing-keys': 1,
  sites: 4,
}

const isLater = ({ type }: HarkEvent): boolean => type.startsWith('MultiKeyListener') || type === 'SiteDeleted'

const released = Object.fromEntries(
  Object.entries(PROJECTIONS as unknown as Record<string, AnyProjection>).map(([name, projection]) => {
    const project = (state: Tables<Record<string, object>>, event: HarkEvent) =>
      isLater(event) ? NO_CHANGES : projection.project(state, event)
    return [name, { ...projection, version: VERSIONS[projection.name] ?? 0, project }]
  }),
) as unknown as typeof PROJECTIONS

const manifest = (kind: string, name: string, spec: object) => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace: 'west' },
  spec,
})

describe('read models of release 0.1.0, beside a later engine', () => {
  it('are rebuilt after its upgrade with the events that it skipped', async () => {
    await using test = await TestEngine.start({ projections: released })
    const later = await test.startAnother()
    const strategy = { priority: { routingKeys: ['a', 'b'] } }
    await later.apply(
      [
        manifest('Site', 'west', {}),
        manifest('Listener', 'l', { routingKey: 'a', host: 'l', port: 1 }),
        manifest('MultiKeyListener', 'm', { host: 'm', port: 1, strategy }),
      ],
      { caller: ALICE },
    )
    for (const command of [
      { type: 'DeleteListener', namespace: 'west', name: 'l' },
      { type: 'DeleteMultiKeyListener', namespace: 'west', name: 'm' },
      { type: 'DeleteSite', namespace: 'west', name: 'west' },
    ] as const)
      await later.execute(command, { caller: ALICE })
    const [, created] = await later.apply(
      [
        manifest('MultiKeyListener', 'other', { host: 'm', port: 2, strategy }),
        manifest('Listener', 'l', { routingKey: 'a', host: 'l', port: 1 }),
      ],
      { caller: ALICE },
    )
    await until(() => test.engine.read.head().position >= (created?.position ?? Number.POSITIVE_INFINITY))
    await test.restart()
    await until(() => test.engine.status().rebuilding.length === 0)
    const { entities } = test.engine.read.routerConfig('west')
    assert.ok(entities.some(({ type }) => type === 'listenerAddress'))
    assert.equal(test.engine.read.routingKeyUses('b').length, 1)
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })
})
