import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { listenerStatus } from '../../../projections/listener-status.ts'
import type { HarkEvent } from '../../../schemas/events/events.ts'
import { pastTables } from '../../../src/engine/history/as-of-tables.ts'
import { PendingVersions } from '../../../src/engine/history/pending-versions.ts'
import { decodeVersions, scopeOf, VERSION_KIND, versionsByRow } from '../../../src/engine/history/row-version.ts'
import { fromColumns, transitionsOf } from '../../../src/engine/history/timeline/condition-transitions.ts'
import { VERSION_SCHEMA, VersionStore } from '../../../src/engine/history/version-store.ts'
import { Queries } from '../../../src/engine/queries/queries.ts'
import { modelKey } from '../../../src/engine/read-models/persistence/database.ts'
import { byQueriedModel, PROJECTIONS, type QueriedTables } from '../../../src/engine/read-models/projections.ts'
import { ReadModel } from '../../../src/engine/read-models/read-model.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import fc, { runs } from '../../support/fast-check.ts'
import { anyLog } from '../../support/projections/arbitrary-log.ts'
import { fold } from '../../support/projections/recorded.ts'
import { TestEngine } from '../../support/test-engine.ts'

const EVERY = { first: 1000 }
const NAMESPACES = ['east', 'west']

/** Folds a log from scratch, without keeping anything: what the past must be. */
const folded = (log: readonly HarkEvent[]): Queries => {
  const tables = byQueriedModel(model => fold(PROJECTIONS[model] as never, log)) as unknown as QueriedTables
  return new Queries(() => tables)
}

/** The results of all queries as JSON, in which absent and undefined are the same. */
const shownBy = (queries: Queries): string => {
  const { rows, ...listeners } = queries.resources('Listener', {}, EVERY)
  const shown = {
    listeners,
    rows: rows.map(({ cursor, row }) => ({ cursor, row, matching: queries.matchingConnectors(row) })),
    ofEach: NAMESPACES.map(namespace => ({
      listeners: queries.resources('Listener', { namespace, routingKey: 'x', status: 'Pending' }, { first: 1 }),
      connectors: queries.resources('Connector', { namespace, routingKey: 'y' }, EVERY),
      entities: queries.entities(namespace),
    })),
    connectors: queries.resources('Connector', {}, EVERY),
  }
  return JSON.stringify(shown)
}

/** Both show the same, in whichever order they name it. */
const assertSame = (one: string, other: string): void => {
  // Nearly always it is the same order, too, and to take both apart takes as long as all else here.
  if (one !== other) assert.deepEqual(JSON.parse(one), JSON.parse(other))
}

/** Keeps the versions of a log's rows as an engine does, written down after each of these events. */
const keptFrom = (log: readonly HarkEvent[], writtenAfter: ReadonlySet<number>) => {
  const database = new DatabaseSync(':memory:')
  database.exec(VERSION_SCHEMA)
  const versions = new VersionStore(database)
  const models = Object.values(byQueriedModel(name => PROJECTIONS[name])).map(projection => {
    const model = new ReadModel(projection as never)
    const pending = new PendingVersions(modelKey(model.id), model.projection.tables, 0)
    model.onProjected((event, changes) => pending.note(event, changes))
    return { model, pending }
  })
  const write = () => {
    for (const { pending } of models) {
      for (const encoded of pending.beginWriting()) {
        versions.add(versionsByRow(encoded.versions.flatMap(chunk => [...decodeVersions(chunk)])))
        versions.file(encoded.filings)
      }
      pending.written()
    }
  }
  log.forEach((event, index) => {
    for (const { model } of models) model.project(event)
    if (writtenAfter.has(index)) write()
  })
  write()
  const keys = byQueriedModel(model => modelKey(PROJECTIONS[model]))
  return {
    versions: (key: string, after: number, to: number) =>
      versions.versions(
        scopeOf(modelKey({ name: listenerStatus.name, version: listenerStatus.version }), 'listeners'),
        key,
        after,
        to,
      ),
    at: (position: number) => {
      const tables = pastTables(versions, keys, position)
      return new Queries(() => tables)
    },
    [Symbol.dispose]: () => database.close(),
  }
}

describe('pastTables', () => {
  it('returns at any position what folding the log up to it gives', () => {
    const moments = fc.array(fc.nat(100), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(anyLog, moments, fc.uniqueArray(fc.nat(100)), (log, moments, writes) => {
        using kept = keptFrom(log, new Set(writes))
        for (const moment of [...moments, log.length]) {
          const count = moment % (log.length + 1)
          const position = log[count - 1]?.position ?? 0
          assertSame(shownBy(kept.at(position)), shownBy(folded(log.slice(0, count))))
        }
      }),
      runs(250),
    )
  })

  it('returns the same at every position between two events', () => {
    fc.assert(
      fc.property(anyLog, log => {
        using kept = keptFrom(log, new Set())
        for (const { position } of log) assertSame(shownBy(kept.at(position + 1)), shownBy(kept.at(position)))
      }),
      runs(50),
    )
  })
})

describe('VersionStore.versions', () => {
  it('returns each version in a range once, from the whole row that they build on, however many there are', () => {
    const database = new DatabaseSync(':memory:')
    database.exec(VERSION_SCHEMA)
    const store = new VersionStore(database)
    const positions = Array.from({ length: 2500 }, (_, index) => 2 * index + 2)
    const kindOf = (position: number) => (position % 16 === 2 ? VERSION_KIND.whole : VERSION_KIND.patch)
    const row = { scope: 'rows', key: 'a' }
    const versionAt = (position: number) => ({
      ...row,
      position,
      time: position,
      type: 'Changed',
      kind: kindOf(position),
      body: '{}',
    })
    store.add([{ ...row, versions: positions.map(versionAt) }])
    const found = (after: number, to: number) => Array.from(store.versions('rows', 'a', after, to), ([at]) => at)
    assert.deepEqual(found(0, 5000), positions)
    assert.deepEqual(found(0, 2000), positions.slice(0, 1000))
    assert.deepEqual(
      found(40, 4003),
      positions.filter(at => at >= 34 && at <= 4003),
    )
    assert.deepEqual(
      found(6000, 7000),
      positions.filter(at => at >= 4994),
    )
    assert.deepEqual(found(0, 1), [])
    database.close()
  })
})

describe('transitionsOf', () => {
  it('ends a condition that a version removes or lacks', () => {
    const reached = '{"status":"True","reason":"Ready","message":"OK"}'
    const versions = [
      [1, 1, VERSION_KIND.whole, `{"conditions":{"Reachable":${reached}}}`],
      [2, 2, VERSION_KIND.patch, '{"conditions":{"Reachable":null}}'],
      [3, 3, VERSION_KIND.patch, `{"conditions":{"Reachable":${reached}}}`],
      [4, 4, VERSION_KIND.whole, '{"conditions":{}}'],
    ] as const
    const transitions = fromColumns(transitionsOf(versions, 'Reachable'))
    assert.deepEqual(
      transitions.map(({ verdict }) => verdict?.status),
      ['True', undefined, 'True', undefined],
    )
  })

  it('tells changes apart that begin alike', () => {
    const ready = '"status":"True","reason":"Ready","message":"OK"'
    const changes = [
      ready,
      '"status":"False","observedGeneration":2',
      ready,
      '"status":"False","reason":"Error"',
      ready,
      '"status":"False","reason":"Error","message":"OK, or not"',
      ready,
      '"status":"False","observedGeneration":3',
    ]
    const versions = changes.map(
      (change, index) => [index, index, VERSION_KIND.patch, `{"conditions":{"Ready":{${change}}}}`] as const,
    )
    const transitions = fromColumns(transitionsOf(versions, 'Ready'))
    assert.deepEqual(
      transitions.map(({ verdict }) => Object.values(verdict ?? {}).join(' ')).filter(text => !text.startsWith('True')),
      ['False Ready OK', 'False Error OK', 'False Error OK, or not', 'False Ready OK'],
    )
  })

  it('takes no removed key of labels, settings or weights for a condition', () => {
    const versions = [
      [1, 1, VERSION_KIND.whole, '{"conditions":{"Ready":{"status":"True","reason":"Ready","message":"OK"}}}'],
      [2, 2, VERSION_KIND.patch, '{"labels":{"Ready":null}}'],
      [3, 3, VERSION_KIND.patch, '{"spec":{"settings":{"Ready":null}},"conditions":{"Matched":{"reason":"Pending"}}}'],
      [4, 4, VERSION_KIND.patch, '{"strategy":{"weighted":{"routingKeysReachable":{"Ready":null}}}}'],
    ] as const
    const transitions = fromColumns(transitionsOf(versions, 'Ready'))
    assert.deepEqual(
      transitions.map(({ verdict }) => verdict?.status),
      ['True'],
    )
  })

  it('returns the condition that folding the log gives after each event', () => {
    fc.assert(
      fc.property(anyLog, fc.uniqueArray(fc.nat(100)), fc.nat(100), (log, writes, beginning) => {
        using kept = keptFrom(log, new Set(writes))
        const first = beginning % (log.length + 1)
        const [after, to] = [log[first - 1]?.position ?? 0, log.at(-1)?.position ?? 0]
        const conditions = (
          [
            ['listener-west.a', 'Ready'],
            ['listener-east.b', 'Configured'],
          ] as const
        ).map(([key, type]) => ({
          key,
          type,
          transitions: fromColumns(transitionsOf(kept.versions(key, after, to), type)),
        }))
        for (let count = first; count <= log.length; count += 1) {
          const position = log[count - 1]?.position ?? 0
          const { listeners } = fold(listenerStatus, log.slice(0, count))
          for (const { key, type, transitions } of conditions) {
            const expected = listeners.get(key)?.conditions[type]
            const reported = transitions.findLast(transition => transition.position <= position)?.verdict
            const verdict = expected && { status: expected.status, reason: expected.reason, message: expected.message }
            assert.deepEqual(reported, verdict)
          }
        }
      }),
      runs(100),
    )
  })
})

describe('read.past', () => {
  const portAt = async ({ engine }: TestEngine, moment: { position: number } | { time: string }) =>
    (await (await engine.read.past(moment)).resource('Listener', 'west', 'a'))?.spec.port

  it('returns deleted listeners and no later ones', async () => {
    await using test = await TestEngine.start()
    const created = await test.run(createListener('a'))
    const moved = await test.run(updatePort('a', 9090))
    const gone = await test.run({ type: 'DeleteListener', namespace: 'west', name: 'a' })
    const seen = []
    for (const position of [0, created.position - 1, created.position, moved.position, gone.position])
      seen.push(await portAt(test, { position }))
    assert.deepEqual(seen, [undefined, undefined, 8080, 9090, undefined])
  })

  it('accepts a time, and returns the current state for a time in the future', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const { time } = test.engine.read.head()
    assert.equal(await portAt(test, { time }), 8080)
    assert.equal(await portAt(test, { time: new Date(Date.parse(time) - 1).toISOString() }), undefined)
    assert.equal(await portAt(test, { time: '2999-01-01T00:00:00.000Z' }), 8080)
    assert.equal(await portAt(test, { position: Number.MAX_SAFE_INTEGER }), 8080)
    assert.equal(await portAt(test, { time: '1970-01-01T00:00:00.000Z' }), undefined)
  })

  it('survives restarts, crashes and the deletion of the read models', async () => {
    await using test = await TestEngine.start()
    const created = await test.run(createListener('a'))
    await test.restart()
    const moved = await test.run(updatePort('a', 9090))
    const look = async (of: TestEngine) => [await portAt(of, created), await portAt(of, moved)]
    assert.deepEqual(await look(test), [8080, 9090])
    await using crashed = await test.crashed()
    assert.deepEqual(await look(crashed), [8080, 9090])
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    assert.deepEqual(await look(test), [8080, 9090])
  })
})
