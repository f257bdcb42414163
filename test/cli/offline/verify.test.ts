import assert from 'node:assert/strict'
import { copyFileSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { BEGINNING } from '../../../schemas/events/recorded-event.ts'
import {
  CHECKPOINTS_STREAM,
  leaseStream,
  READ_MODEL_PREFIXES,
  REFUSALS_STREAM,
  TOKENS_STREAM,
} from '../../../schemas/events/streams.ts'
import { createEngine } from '../../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../../src/engine/history/recorder.ts'
import { type EventStore, type EventToAppend, NO_STREAM } from '../../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { streamFilter } from '../../../src/event-store/stream-filter.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { eventually } from '../../support/eventually.ts'
import fc from '../../support/fast-check.ts'
import { anyLog } from '../../support/projections/arbitrary-log.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

/** Events that no read model is made from, by the stream that they are written to. */
const ASIDE = {
  CommandRefused: REFUSALS_STREAM,
  CheckpointSigned: CHECKPOINTS_STREAM,
  SigningKeyIntroduced: CHECKPOINTS_STREAM,
  TokenCreated: TOKENS_STREAM,
  TokenRevoked: TOKENS_STREAM,
  TokenRefused: TOKENS_STREAM,
  LeaseTaken: leaseStream('west'),
  LeaseReleased: leaseStream('west'),
} as const
type Aside = keyof typeof ASIDE

const fixture = (type: Aside): Pick<EventToAppend, 'type' | 'data' | 'metadata'> => {
  const [file = ''] = globSync(`test/fixtures/events/${type}.v*.json`).sort().reverse()
  const { data, metadata } = JSON.parse(readFileSync(file, 'utf8'))
  return { type, data, metadata }
}

type ToAppend = EventToAppend & { readonly stream: string }

const aside = fc.record({ type: fc.constantFrom(...(Object.keys(ASIDE) as Aside[])), id: fc.uuid() })
/** Each is an append of its own. */
const MOST_EVENTS = 8
const logs = fc
  .tuple(anyLog, fc.array(fc.array(aside, { maxLength: 2 }), { minLength: 1, maxLength: 4 }))
  .map(([events, asides]): ToAppend[][] => {
    const size = Math.min(MOST_EVENTS, Math.ceil(events.length / asides.length))
    return asides.map((after, n) => [
      ...events.slice(n * size, (n + 1) * size),
      ...after.map(({ type, id }) => ({ ...fixture(type), id, stream: ASIDE[type] })),
    ])
  })

class Home {
  readonly #path: string
  readonly #open: () => EventStore
  readonly #revisions = new Map<string, number>()

  constructor(path: string, open: () => EventStore) {
    this.#path = path
    this.#open = open
  }

  /** Has these appended while an engine runs, which is ended then. */
  async append(events: readonly ToAppend[]): Promise<void> {
    await using ending = new AsyncDisposableStack()
    const store = this.#open()
    ending.defer(() => store.close())
    const engine = createEngine({
      store,
      readModelFile: join(this.#path, 'read-models.db'),
      logger: silentLogger,
      connectHistory: connectInThisThread,
    })
    ending.defer(() => engine.close())
    await engine.whenReady()
    let end = BEGINNING
    for (const { stream, id, type, data, metadata } of events) {
      const expected = this.#revisions.get(stream) ?? NO_STREAM
      const { revision, position } = await store.append(stream, expected, [{ id, type, data, metadata }])
      this.#revisions.set(stream, revision)
      // A server need not report that it has passed events outside the subscription.
      if (!store.isShared || isProjected(stream)) end = position
    }
    await eventually(() => engine.status().position >= end)
  }
}

const isProjected = streamFilter(READ_MODEL_PREFIXES)

describe('verify', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let runs = 0
  before(async () => {
    folder = await scratchFolder()
  })
  after(() => folder[Symbol.asyncDispose]())

  const newPath = (): string => {
    const path = join(folder.path, String(runs++))
    mkdirSync(path)
    return path
  }

  it('finds no fault in an intact folder, whatever the newest event', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async parts => {
        const path = newPath()
        const home = new Home(path, () => openSqliteEventStore({ file: join(path, 'events.db') }))
        for (const part of parts) {
          await home.append(part)
          const { status, stdout, stderr } = await runInProcess(['verify', '--data', path])
          assert.equal(status, 0, stdout + stderr)
          assert.match(stderr, /rows with their history checked/)
        }
      }),
      { numRuns: 3 },
    )
  })

  it('compares a copy of a log with the read models beside it, not with those of the default folder', async () => {
    const [data, elsewhere] = [newPath(), newPath()]
    const home = new Home(data, () => openSqliteEventStore({ file: join(data, 'events.db') }))
    const [parts = []] = fc.sample(logs, 1)
    for (const part of parts) await home.append(part)
    const copy = join(elsewhere, 'copy.db')
    copyFileSync(join(data, 'events.db'), copy)
    const env = { HARK_DATA: data }
    const alone = await runInProcess(['verify', '--store', `sqlite:${copy}`], { env })
    assert.equal(alone.status, 0, alone.stderr)
    assert.match(alone.stderr, /^\d+ events checked\.$/m)
    const beside = await runInProcess(['verify', '--store', `sqlite:${join(data, 'events.db')}`])
    assert.match(beside.stderr, /rows with their history checked/)
    const named = await runInProcess(['verify', '--store', `sqlite:${copy}`, '--data', data])
    assert.match(named.stderr, /rows with their history checked/)
  })

  it('finds no fault in EventStoreDB, which has positions of its own', async () => {
    await using server = await new FakeEventStoreDb().start()
    const store = `esdb://127.0.0.1:${server.port}?tls=false`
    const path = newPath()
    const home = new Home(path, () => openEventStoreDb({ connectionString: store }))
    const [parts = []] = fc.sample(logs, 1)
    for (const part of [
      ...parts,
      [{ ...fixture('CommandRefused'), id: crypto.randomUUID(), stream: REFUSALS_STREAM }],
    ]) {
      await home.append(part)
      const { status, stdout, stderr } = await runInProcess(['verify', '--data', path, '--store', store])
      assert.equal(status, 0, stdout + stderr)
    }
  })

  describe('of a folder with manipulated history', () => {
    let path: string
    before(async () => {
      path = newPath()
      const [events = []] = fc.sample(anyLog, { numRuns: 50 }).toSorted((a, b) => b.length - a.length)
      await new Home(path, () => openSqliteEventStore({ file: join(path, 'events.db') })).append(events)
    })

    for (const [what, sql, fault] of [
      [
        'the first version of a listener',
        `UPDATE versions SET body = replace(body, '"port":', '"part":')
         WHERE key IN (SELECT id FROM version_keys WHERE scope LIKE 'listener-status@%/listeners') AND kind = 0`,
        /listeners listener-.*: its history does not follow from the log/,
      ],
      [
        'all versions of a listener',
        `DELETE FROM versions WHERE key IN (SELECT id FROM version_keys WHERE scope LIKE 'listener-status@%/listeners' LIMIT 1)`,
        /listeners listener-.*: its history is missing/,
      ],
      ['every moment, by an hour', 'UPDATE moments SET time = time + 3600000', /^the moments: that of position/m],
      [
        'how far it goes',
        'UPDATE models SET position = position + 1000, versions_to = versions_to + 1000',
        /it is at position \d+, after the end of the log/,
      ],
    ] as const) {
      it(`reports ${what}`, async () => {
        const forged = newPath()
        for (const file of ['events.db', 'read-models.db']) copyFileSync(join(path, file), join(forged, file))
        const database = new DatabaseSync(join(forged, 'read-models.db'))
        database.exec(sql)
        database.close()
        const { status, stdout } = await runInProcess(['verify', '--data', forged])
        assert.equal(status, 1)
        assert.match(stdout, fault)
      })
    }
  })
})
