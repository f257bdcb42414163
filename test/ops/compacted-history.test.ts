import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { HarkEvent } from '../../schemas/events/events.ts'
import { HistoryDatabase } from '../../src/engine/history/history-database.ts'
import type { StoredVersion } from '../../src/engine/history/row-version.ts'
import { ReadModelCheck } from '../../src/ops/verify/check-read-models.ts'
import fc from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { written } from '../support/projections/written-read-models.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const compactAll = (database: HistoryDatabase, position: number, isDryRun = false): number => {
  const kept = { position, time: 0 }
  let versions = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const slice = database.compact({ kept, after, isDryRun })
    versions += slice.versions
    after = slice.next
  }
  return versions
}

const findings = async (database: HistoryDatabase, log: readonly HarkEvent[]) => {
  const check = new ReadModelCheck(database)
  for (const event of log) check.project(event)
  return (await check.compare()).findings
}

const versionsOf = (database: HistoryDatabase): readonly StoredVersion[] => [...database.versions.allVersions()]

/** Every row at positions from `from` to `to`, as JSON. */
const statesFrom = (database: HistoryDatabase, rows: readonly StoredVersion[], from: number, to: number): string => {
  const states: unknown[] = []
  for (const { scope, key } of new Map(rows.map(row => [`${row.scope} ${row.key}`, row])).values())
    for (let position = from; position <= to; position += Math.max(1, Math.floor((to - from) / 5)))
      states.push([scope, key, position, database.versions.row(scope, key, position)])
  return JSON.stringify(states)
}

describe('HistoryDatabase.compact', () => {
  it('keeps every state from the position on, and what is left follows from the log', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.uniqueArray(fc.nat(80)), fc.nat(100), async (log, writes, percent) => {
        const end = log.at(-1)?.position ?? 0
        const begin = Math.floor((end * percent) / 100)
        const database = written(log, new Set(writes))
        try {
          const rows = versionsOf(database)
          const before = statesFrom(database, rows, begin, end)
          const announced = compactAll(database, begin, true)
          assert.deepEqual(versionsOf(database), rows)
          assert.equal(compactAll(database, begin), announced)
          assert.equal(versionsOf(database).length, rows.length - announced)
          assert.equal(statesFrom(database, rows, begin, end), before)
          assert.deepEqual(await findings(database, log), [])
          assert.equal(compactAll(database, begin), 0)
        } finally {
          database.close()
        }
      }),
      { numRuns: 40 },
    )
  })

  it('leaves a history that goes on after it', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.uniqueArray(fc.nat(80)), fc.nat(100), async (log, writes, percent) => {
        const database = written(log, new Set(writes), ':memory:', (half, { position }) => {
          const known = half.keptHistory()?.position ?? 0
          compactAll(half, Math.max(known, Math.floor((position * percent) / 100)))
        })
        try {
          assert.deepEqual(await findings(database, log), [])
        } finally {
          database.close()
        }
      }),
      { numRuns: 40 },
    )
  })

  const [log = []] = fc.sample(anyLog, { numRuns: 50, seed: 5 }).toSorted((a, b) => b.length - a.length)
  const end = log.at(-1)?.position ?? 0

  it('removes versions that no state at the end of the log is made of', () => {
    const database = written(log, new Set([20]))
    const { length } = versionsOf(database)
    const removed = compactAll(database, end)
    assert.ok(removed > 0 && removed < length)
    database.close()
  })

  it('makes a check report rows whose removed versions were needed', async () => {
    await using folder = await scratchFolder()
    const file = join(folder.path, 'read-models.db')
    const database = written(log, new Set([20]), file)
    compactAll(database, end)
    database.close()
    const forging = new DatabaseSync(file)
    forging.exec('UPDATE kept_history SET position = position / 2')
    forging.close()
    const forged = new HistoryDatabase(file, false)
    assert.notDeepEqual(await findings(forged, log), [])
    forged.close()
  })

  it('gives the file another layout, because earlier versions of Hark take the history for a whole one', async () => {
    await using folder = await scratchFolder()
    const file = join(folder.path, 'read-models.db')
    const layout = (): unknown => {
      const database = new DatabaseSync(file)
      const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {}
      database.close()
      return version
    }
    const database = written(log, new Set(), file)
    database.close()
    const whole = layout()
    const again = new HistoryDatabase(file)
    compactAll(again, end)
    again.close()
    assert.notEqual(layout(), whole)
    const compacted = new HistoryDatabase(file)
    assert.equal(compacted.isReplaced, false)
    assert.deepEqual(compacted.schemaFaults(), [])
    compacted.startOver()
    assert.equal(compacted.keptHistory(), undefined)
    assert.deepEqual(compacted.schemaFaults(), [])
    compacted.close()
    assert.equal(layout(), whole)
  })
})
