import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Draft } from '../../../projections/kit/draft.ts'
import type { Projection } from '../../../projections/kit/projection.ts'
import { PROJECTIONS } from '../../../src/engine/read-models/projections.ts'
import {
  createConnector,
  createListener,
  deleteListener,
  updateConnector,
  updateHost,
  updatePort,
} from '../../support/commands.ts'
import { connectorSeen, routerAttached, routerConnected } from '../../support/projections/router-facts.ts'
import { ALICE, TestEngine } from '../../support/test-engine.ts'

/** A bit of everything that makes rows. */
const busyDay = async (test: TestEngine): Promise<void> => {
  const names = ['a', 'b', 'c']
  await Promise.all(
    names.map(name => test.run(createListener(name, { tlsCredentials: 'certs' }), { commandId: `create-${name}` })),
  )
  await test.run(createConnector('a'))
  await test.run(updateConnector('a', { port: 9090 }))
  await test.run(updateHost('a', 'shop'))
  await test.run(deleteListener('b'))
  await test.routerReports(routerAttached(), routerConnected(), connectorSeen('c1'))
  const site = { apiVersion: 'skupper.io/v2alpha1', kind: 'Site', metadata: { name: 'west-site', namespace: 'west' } }
  await test.engine.apply([site], { caller: ALICE, commandId: 'site' })
}

/** Counts the events of each stream: what it counts twice shows. */
const counting: Projection<{ readonly uses: { readonly count: number } }> = {
  name: 'routing-keys',
  version: 1,
  tables: { uses: { indexes: { routingKey: () => undefined } } },
  project: (state, { stream }) => {
    const draft = new Draft(counting, state)
    draft.put('uses', stream, { count: (draft.get('uses', stream)?.count ?? 0) + 1 })
    return draft.changes
  },
}

const projections = { ...PROJECTIONS, routingKeys: counting } as unknown as typeof PROJECTIONS

describe('the read models', () => {
  it('equal a rebuild from the log, byte for byte', async () => {
    await using test = await TestEngine.start()
    await busyDay(test)
    await test.restart()
    await test.run(updatePort('c', 9091))
    const { rows, rebuilt } = await test.rowsAndRebuiltRows()
    assert.ok(rows.length > 15)
    assert.deepEqual(rows, rebuilt)
  })

  it('equal a rebuild after crashes, too', async () => {
    await using test = await TestEngine.start()
    await busyDay(test)
    await using once = await test.crashed()
    await once.run(updatePort('c', 9091))
    await using twice = await once.crashed()
    await twice.run(createListener('d'))
    const { rows, rebuilt } = await twice.rowsAndRebuiltRows()
    assert.deepEqual(rows, rebuilt)
  })

  it('project each event once, over stops and crashes', async () => {
    await using test = await TestEngine.start({ projections })
    await busyDay(test)
    await test.restart({ projections })
    await test.run(updatePort('c', 9091))
    await using crashed = await test.crashed({ projections })
    await crashed.run(updatePort('c', 9092))
    const log = await crashed.log()
    await crashed.stop()
    const rows = crashed.rowsOnDisk() as { model: string; key: string; row: string }[]
    const counts = rows.flatMap(({ model, key, row }) =>
      model === `${counting.name}@${counting.version}` ? [[key, JSON.parse(row).count]] : [],
    )
    const expected = Map.groupBy(log, ({ stream }) => stream)
    assert.deepEqual(
      new Map(counts as [string, number][]),
      new Map([...expected].map(([stream, events]) => [stream, events.length])),
    )
  })

  it('are served immediately after a restart, as persisted', async () => {
    await using test = await TestEngine.start()
    const { row, position } = await test.run(createListener('a'))
    await test.stop()
    test.open()
    assert.deepEqual(test.engine.read.resource('Listener', 'west', 'a'), row)
    assert.equal(test.engine.read.head().position, position)
    await test.engine.whenReady()
    assert.deepEqual(test.engine.status(), { ready: true, live: true, position, rebuilding: [] })
  })
})
