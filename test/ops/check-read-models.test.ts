import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import type { HarkEvent } from '../../schemas/events/events.ts'
import { HistoryDatabase } from '../../src/engine/history/history-database.ts'
import { PROJECTIONS } from '../../src/engine/read-models/projections.ts'
import type { Finding } from '../../src/integrity/verify/finding.ts'
import { LogCheck } from '../../src/ops/verify/check-log.ts'
import { ReadModelCheck } from '../../src/ops/verify/check-read-models.ts'
import fc, { runs } from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { written } from '../support/projections/written-read-models.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const checkOf = (database: HistoryDatabase, log: readonly HarkEvent[]): ReadModelCheck => {
  const check = new ReadModelCheck(database)
  for (const event of log) check.project(event)
  return check
}

const findings = async (database: HistoryDatabase, log: readonly HarkEvent[]) =>
  (await checkOf(database, log).compare()).findings

describe('ReadModelCheck of projected read models', () => {
  it('finds nothing after any sequence of writes', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.uniqueArray(fc.nat(80)), async (log, writes) => {
        const database = written(log, new Set(writes))
        try {
          assert.deepEqual(await findings(database, log), [])
        } finally {
          database.close()
        }
      }),
      runs(60),
    )
  })

  it('reports read models that are ahead of the log', () => {
    const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 3 }).toSorted((a, b) => b.length - a.length)
    const database = written(log, new Set())
    const found = checkOf(database, log.slice(0, 1)).beyond(log[0]?.position ?? 0)
    assert.equal(found.length, Object.keys(PROJECTIONS).length)
    for (const { fault } of found) assert.match(fault, /after the end of the log/)
    database.close()
  })
})

const changedValue = (column: string, type: string): string => {
  if (type === 'INTEGER') return `"${column}" + 1`
  if (type === 'BLOB') return `CAST(substr("${column}", 1, length("${column}") - 1) || X'00' AS BLOB)`
  return `substr("${column}", 1, length("${column}") - 1) || '~'`
}

describe('ReadModelCheck of manipulated read models', () => {
  const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 5 }).toSorted((a, b) => b.length - a.length)
  const end = log.at(-1)?.position ?? 0
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let original: string

  before(async () => {
    folder = await scratchFolder()
    original = join(folder.path, 'original.db')
    written(log, new Set([5, 20, 40]), original).close()
  })
  after(() => folder[Symbol.asyncDispose]())

  /** Returns the findings after some SQL; undefined if the database rejects it. */
  const foundAfter = async (sql: string): Promise<readonly Finding[] | undefined> => {
    const file = join(folder.path, 'forged.db')
    copyFileSync(original, file)
    const forging = new DatabaseSync(file)
    try {
      forging.exec(sql)
    } catch {
      return undefined
    } finally {
      forging.close()
    }
    const database = new HistoryDatabase(file, false)
    try {
      const check = checkOf(database, log)
      const { others, absent, findings } = await check.compare()
      const uncompared = [...others, ...absent].map(place => ({ place, fault: 'it was not compared' }))
      return [...check.beyond(end), ...uncompared, ...findings]
    } finally {
      database.close()
    }
  }

  it('reports any changed value and any deleted row of any table', async () => {
    const database = new DatabaseSync(original, { readOnly: true })
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    const forgeries = tables.flatMap(({ name }) => {
      const table = name as string
      const columns = database.prepare(`SELECT name, type, pk FROM pragma_table_info('${table}')`).all()
      const rows = database.prepare(`SELECT * FROM "${table}"`).all()
      // Of many alike some are enough.
      const some = rows.filter((_, number) => rows.length < 20 || number % 3 === 0)
      return some.flatMap((row, number) => {
        const at = columns.map(({ name }) => {
          const value = row[name as string]
          const isBytes = value instanceof Uint8Array
          return `"${name}" = ${isBytes ? `X'${Buffer.from(value).toString('hex')}'` : typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : value}`
        })
        const where = `WHERE ${at.join(' AND ')}`
        const column = columns[number % columns.length] as { name: string; type: string }
        const change = `UPDATE "${table}" SET "${column.name}" = ${changedValue(column.name, column.type)} ${where}`
        return number % 4 === 0 ? [change, `DELETE FROM "${table}" ${where}`] : [change]
      })
    })
    database.close()
    assert.ok(forgeries.length > 100)
    const missed: string[] = []
    let taken = 0
    for (const forgery of forgeries) {
      const found = await foundAfter(forgery)
      if (found !== undefined) taken += 1
      if (found?.length === 0) missed.push(forgery)
    }
    assert.deepEqual(missed, [])
    assert.ok(taken > forgeries.length / 2)
  })

  for (const [what, forgery] of [
    ['a row', `INSERT INTO rows SELECT model, "table", key || 'x', row FROM rows LIMIT 1`],
    ['a row of no read model', `INSERT INTO rows SELECT 'another@1', "table", key, row FROM rows LIMIT 1`],
    [
      'a row that never was',
      `INSERT INTO version_keys (scope, key) SELECT scope, key || 'x' FROM version_keys LIMIT 1`,
    ],
    ['a version', `INSERT INTO versions SELECT key, position + 1000000, time, type, kind, body FROM versions LIMIT 1`],
    ['a filing', `INSERT INTO version_filings SELECT scope, "index", value || 'x', key FROM version_filings LIMIT 1`],
    ['a moment', 'INSERT INTO moments SELECT max(time) + 1, max(position) + 1 FROM moments'],
    ['a moment before all', 'INSERT INTO moments VALUES (1, 1)'],
    ['a trigger', 'CREATE TRIGGER dormant AFTER INSERT ON rows BEGIN DELETE FROM moments; END'],
    ['an hour', 'UPDATE moments SET time = -time; UPDATE moments SET time = 3600000 - time'],
  ] as const) {
    it(`reports a forgery: ${what}`, async () => {
      assert.notDeepEqual(await foundAfter(forgery), [])
    })
  }

  it('finds nothing in an unchanged copy', async () => {
    assert.deepEqual(await foundAfter(''), [])
  })
})

describe('LogCheck', () => {
  const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 5 }).toSorted((a, b) => b.length - a.length)
  const look = (events: readonly HarkEvent[]): string[] => {
    const check = new LogCheck()
    return events.flatMap(event => check.check(event).findings.map(({ fault }) => fault))
  }

  it('finds nothing in a valid log', () => {
    fc.assert(
      fc.property(anyLog, events => {
        assert.deepEqual(look(events), [])
      }),
      runs(60),
    )
  })

  const first = log[0] as HarkEvent
  const followed = log.find(({ stream }, index) => log.slice(index + 1).some(later => later.stream === stream))
  for (const [what, damaged, fault] of [
    ['an event that is missing', log.filter(event => event !== followed), /^revision \d+ should follow$/],
    ['events in another order', [log[1], log[0], ...log.slice(2)], /its position is not after/],
    [
      'a time before that of the previous event',
      [first, { ...log[1], time: '2000-01-01T00:00:00.000Z' }],
      /before the previous event/,
    ],
    ['data that does not match its type', [{ ...first, data: { name: 7 } }], /^data\./],
    ['invalid metadata', [{ ...first, metadata: { ...first.metadata, actor: '' } }], /^metadata\.actor/],
    [
      'a version that is newer than this Hark',
      [{ ...first, metadata: { ...first.metadata, schemaVersion: 99 } }],
      /version 99 of \w+ is newer than this version of Hark/,
    ],
  ] as const) {
    it(`reports ${what}`, () => {
      const found = look(damaged as readonly HarkEvent[])
      assert.ok(
        found.some(text => fault.test(text)),
        found.join('; '),
      )
    })
  }
})
