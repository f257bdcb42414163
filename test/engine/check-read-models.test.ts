import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HarkEvent } from '../../schemas/events.ts'
import { LogCheck } from '../../src/engine/check-log.ts'
import { ReadModelCheck } from '../../src/engine/check-read-models.ts'
import { ReadModel } from '../../src/engine/read-model.ts'
import { modelKey, ReadModelDatabase } from '../../src/engine/read-model-database.ts'
import { PROJECTIONS } from '../../src/engine/read-models.ts'
import { scopeOf } from '../../src/engine/version-database.ts'
import fc from '../fast-check.ts'
import { anyLog } from '../projections/arbitrary-log.ts'

/** Projects a log as an engine does, and writes down after each of these events; after the last one, too. */
const written = (log: readonly HarkEvent[], after: ReadonlySet<number>): ReadModelDatabase => {
  const database = new ReadModelDatabase(':memory:')
  const models = Object.values(PROJECTIONS).map(projection => new ReadModel(projection as never))
  const write = () => {
    database.begin()
    for (const model of models) {
      const position = model.beginWriting()
      for (const { table, rows } of model.chunks())
        for (const [key, row] of rows) database.put(model.id, table, key, row)
      for (const { table, versions } of model.history.beginWriting())
        database.versions.add(scopeOf(modelKey(model.id), table), versions)
      database.checkpoint({ ...model.id, position, versionsTo: position })
      model.written()
      model.history.written()
    }
    database.commit()
  }
  for (const [index, event] of log.entries()) {
    for (const model of models) model.project(event)
    if (after.has(index)) write()
  }
  write()
  return database
}

const findings = (database: ReadModelDatabase, log: readonly HarkEvent[]) => {
  const check = new ReadModelCheck(database)
  for (const event of log) check.project(event)
  return check.findings(log.at(-1)?.position ?? 0).findings
}

describe('read models that were written down as they went', () => {
  it('are what the log leads to from the beginning, and so are the ends of their histories', () => {
    fc.assert(
      fc.property(anyLog, fc.uniqueArray(fc.nat(80)), (log, writes) => {
        const database = written(log, new Set(writes))
        try {
          assert.deepEqual(findings(database, log), [])
        } finally {
          database.close()
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('are found out where the log is shorter than they are', () => {
    const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 3 }).toSorted((a, b) => b.length - a.length)
    const database = written(log, new Set())
    const found = findings(database, log.slice(0, 1))
    assert.equal(found.length, Object.keys(PROJECTIONS).length)
    for (const { fault } of found) assert.match(fault, /where the log does not/)
    database.close()
  })
})

describe('a look at a log', () => {
  const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 5 }).toSorted((a, b) => b.length - a.length)
  const look = (events: readonly HarkEvent[]): string[] => {
    const check = new LogCheck()
    return events.flatMap(event => check.check(event).findings.map(({ fault }) => fault))
  }

  it('finds nothing in any log', () => {
    fc.assert(
      fc.property(anyLog, events => {
        assert.deepEqual(look(events), [])
      }),
      { numRuns: 200 },
    )
  })

  const first = log[0] as HarkEvent
  const followed = log.find(({ stream }, index) => log.slice(index + 1).some(later => later.stream === stream))
  for (const [what, damaged, fault] of [
    ['an event that is missing', log.filter(event => event !== followed), /^revision \d+ is what should follow there$/],
    ['events that changed places', [log[1], log[0], ...log.slice(2)], /its position does not follow/],
    ['a time that steps back', [first, { ...log[1], time: '2000-01-01T00:00:00.000Z' }], /before the event before it/],
    ['data that is not of its type', [{ ...first, data: { name: 7 } }], /^data\./],
    [
      'metadata that is not as it should be',
      [{ ...first, metadata: { ...first.metadata, actor: '' } }],
      /^metadata\.actor/,
    ],
    [
      'a version that is newer than this Hark',
      [{ ...first, metadata: { ...first.metadata, schemaVersion: 99 } }],
      /version 99 of \w+ is newer than this Hark/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      const found = look(damaged as readonly HarkEvent[])
      assert.ok(
        found.some(text => fault.test(text)),
        found.join('; '),
      )
    })
  }
})
