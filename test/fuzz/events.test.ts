import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { HarkEvent } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { decodeEvent } from '../../src/engine/read-models/decode-event.ts'
import { ReadModel } from '../../src/engine/read-models/read-model.ts'
import { StoreCorrupted, StoreUnavailable } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { LogCheck } from '../../src/ops/verify/check-log.ts'
import { anyCharacter } from '../support/any-character.ts'
import { createListener, updatePort } from '../support/commands.ts'
import fc from '../support/fast-check.ts'
import { anyLog } from '../support/projections/arbitrary-log.ts'
import { EVERY_PROJECTION } from '../support/projections/every-projection.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from '../support/test-engine.ts'
import { fuzz } from './fuzz.ts'
import { anyValue, mutation } from './mutations.ts'

const RUNS = { projected: 500, stored: 75, followed: 5 }

/** Valid logs with one event changed. */
const LOGS = fc.sample(anyLog, { numRuns: 60, seed: 1 }).filter(log => log.length > 0 && log.length < 40)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const brokenLog = fc
  .record({
    log: fc.constantFrom(...LOGS),
    at: fc.nat(),
    other: fc.nat(),
    part: fc.constantFrom('data', 'data', 'data', 'metadata', 'type', 'data of another', 'time'),
    mutation: mutation(2),
    value: anyValue,
  })
  .map(({ log, at, other, part, mutation, value }) => {
    const [place, another] = [at % log.length, log[other % log.length] as HarkEvent]
    const event = log[place] as HarkEvent
    const broken = {
      data: { ...event, data: mutation.of(event.data) },
      metadata: { ...event, metadata: mutation.of(event.metadata) },
      type: { ...event, type: another.type },
      'data of another': { ...event, data: another.data },
      time: { ...event, time: value },
    }[part] as RecordedEvent
    return log.with(place, broken as HarkEvent) as RecordedEvent[]
  })
  // The store itself rejects data that is no object.
  .filter(log => log.every(({ data, metadata }) => isObject(data) && isObject(metadata)))

/** Values at which a template, a comparison or `Date.parse` threw. */
const NO_TEXT = { toString: -0 }
const STRANGE: readonly unknown[] = [
  NO_TEXT,
  [NO_TEXT],
  null,
  undefined,
  true,
  -1,
  0.5,
  1e300,
  '',
  'a',
  [],
  {},
  Symbol('a'),
  1n,
]

const [FIRST] = LOGS[0] as [HarkEvent]
const FIELDS = ['position', 'stream', 'revision', 'id', 'type', 'time', 'data', 'metadata'] as const
const with_ = (field: string, value: unknown): RecordedEvent => ({ ...FIRST, [field]: value })

/** Inputs that failed once. */
const FOUND: readonly RecordedEvent[][] = [[with_('time', NO_TEXT)]]

describe('stored events', () => {
  it('are read and reported with any value in any field', () => {
    const look = (event: RecordedEvent) => {
      const check = new LogCheck()
      const { findings } = check.check(event)
      check.check({ ...FIRST, position: FIRST.position + 1 })
      return findings
    }
    for (const value of STRANGE) {
      for (const field of ['schemaVersion', 'actor', 'via', 'correlationId', 'commandId', 'previousHash'])
        look(with_('metadata', { ...FIRST.metadata, [field]: value }))
      for (const field of Object.keys(FIRST.data)) look(with_('data', { ...FIRST.data, [field]: value }))
      for (const field of FIELDS) {
        const findings = look(with_(field, value))
        if (typeof value !== 'string') assert.match(findings[0]?.fault ?? 'none', new RegExp(`^${field}`))
      }
    }
  })

  it('are projected, or reported with their location', async () => {
    const projects = (log: readonly RecordedEvent[]): void => {
      const models = EVERY_PROJECTION.map(projection => new ReadModel(projection))
      const check = new LogCheck()
      for (const recorded of log) {
        check.check(recorded)
        let event: HarkEvent | undefined
        try {
          event = decodeEvent(recorded)
        } catch (error) {
          assert.ok(error instanceof StoreCorrupted, String((error as Error).stack))
          assert.equal(error.location.position, recorded.position)
          return
        }
        if (event !== undefined) for (const model of models) model.project(event)
      }
    }
    await fuzz(brokenLog, RUNS.projected, projects, FOUND)
  })

  const COLUMNS = ['stream', 'revision', 'id', 'type', 'time', 'data', 'metadata'] as const
  const rowChange = fc.oneof(
    fc.record({
      position: fc.integer({ min: 1, max: 12 }),
      column: fc.constantFrom(...COLUMNS),
      value: fc.oneof(fc.string({ unit: anyCharacter }), fc.json(), fc.nat().map(String)),
    }),
    fc.record({
      position: fc.integer({ min: 1, max: 12 }),
      column: fc.constant('none' as const),
      value: fc.constant(''),
    }),
  )
  type RowChange = typeof rowChange extends fc.Arbitrary<infer T> ? T : never

  const apply = (file: string, { position, column, value }: RowChange): void => {
    const database = new DatabaseSync(file)
    try {
      if (column === 'none') database.prepare('DELETE FROM events WHERE position = ?').run(position)
      else
        database
          .prepare(`UPDATE events SET ${column} = ? WHERE position = ?`)
          .run(column === 'revision' ? value.length : value, position)
    } finally {
      database.close()
    }
  }

  const logFile = async (test: TestEngine): Promise<string> => {
    for (const name of ['a', 'b', 'c']) await test.run(createListener(name))
    for (let port = 9000; port < 9004; port += 1) await test.run(updatePort('a', port))
    await test.stop()
    return test.eventFile
  }

  const attempt = async (read: () => Promise<unknown>): Promise<void> => {
    try {
      await read()
    } catch (error) {
      assert.ok(error instanceof StoreCorrupted || error instanceof StoreUnavailable, String((error as Error).stack))
    }
  }

  it('in a changed file are read, or reported with their location', async () => {
    await using test = await TestEngine.start()
    const original = await logFile(test)
    await using folder = await scratchFolder()
    const file = join(folder.path, 'events.db')
    let copy = 0
    await fuzz(rowChange, RUNS.stored, async change => {
      const changed = `${file}.${copy++}`
      copyFileSync(original, changed)
      apply(changed, change)
      await attempt(async () => {
        const store = openSqliteEventStore({ file: changed })
        try {
          for (const direction of ['forward', 'backward'] as const) {
            await attempt(() => Array.fromAsync(store.readAll({ direction })))
            await attempt(() => Array.fromAsync(store.readStream('listener-west.a', { direction })))
          }
        } finally {
          await store.close()
        }
      })
    })
  })

  it('in a changed file stop an engine at their location, or not at all', async () => {
    await using test = await TestEngine.start()
    const file = await logFile(test)
    await using folder = await scratchFolder()
    const original = join(folder.path, 'events.db')
    copyFileSync(file, original)
    await fuzz(rowChange, RUNS.followed, async change => {
      test.forgetReadModels()
      copyFileSync(original, file)
      apply(file, change)
      test.open()
      const reason = await test.engine.whenReady().then(
        () => undefined,
        () => test.engine.status().stopped,
      )
      if (reason !== undefined) assert.match(reason, /^the event log is damaged at .*position \d{16}/)
      await test.stop()
    })
  })
})
