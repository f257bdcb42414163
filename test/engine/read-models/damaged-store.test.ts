import assert from 'node:assert/strict'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { StoreCorrupted } from '../../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../../src/event-store/sqlite/store.ts'
import { runInProcess } from '../../cli/hark.ts'
import { all } from '../../contract/event-store/events.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import { ServedHark } from '../../support/process/served-hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import { TestEngine } from '../../support/test-engine.ts'

/** Of each: a claim, and the creation; then ten moves of the first. */
const LISTENERS = ['a', 'b', 'c']
const MOVES = 10
const DAMAGED = 8
const PAGE_BYTES = 4096

const change = (file: string, sql: string): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

/** Overwrites one of the pages that hold the rows of events, in their order. */
const overwritePage = (file: string, which: number): void => {
  const database = new DatabaseSync(file)
  const pages = database
    .prepare("SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path")
    .all() as { pageno: number }[]
  database.close()
  const page = pages.at(which)?.pageno as number
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES)
  closeSync(handle)
}

/** A stopped engine with a log of some events and no read models. */
const stopped = async (): Promise<TestEngine> => {
  const test = await TestEngine.start()
  for (const name of LISTENERS) await test.run(createListener(name))
  for (let move = 0; move < MOVES; move += 1) await test.run(updatePort('a', 9000 + move))
  await test.stop()
  test.forgetReadModels()
  return test
}

const at = (position: number, set: string): string => `UPDATE events SET ${set} WHERE position = ${position}`
const FAULTS = [
  ['has data that is not JSON', at(DAMAGED, "data = '{\"secret'"), /its data is not JSON/],
  ['has data that is not an object', at(DAMAGED, "data = '7'"), /its data is not a JSON object/],
  ['has metadata that is not JSON', at(DAMAGED, "metadata = ''"), /its metadata is not JSON/],
  ['is missing', `DELETE FROM events WHERE position = ${DAMAGED}`, /the event is missing/],
] as const
const MISSHAPEN = [
  [
    'lacks fields of its type',
    at(DAMAGED, `data = '{"namespace":"west"}'`),
    /does not match the schema of PortUpdated/,
  ],
  ['has an invalid port', at(DAMAGED, `data = json_set(data, '$.port', 'x')`), /PortUpdated: see port/],
  [
    'has an invalid schemaVersion',
    at(DAMAGED, `metadata = json_set(metadata, '$.schemaVersion', 'x')`),
    /no valid schemaVersion/,
  ],
  ['has an invalid time', at(DAMAGED, "time = 'yesterday'"), /its time is invalid/],
  [
    'has a schemaVersion newer than this Hark',
    at(DAMAGED, `type = 'ListenerCreated', metadata = json_set(metadata, '$.schemaVersion', 9), data = '{}'`),
    /version 9 of ListenerCreated is newer/,
  ],
] as const
const PLACE = /position 0000000000000008/

describe('engine on a log with a damaged event', () => {
  for (const [what, sql, fault] of [...FAULTS, ...MISSHAPEN]) {
    it(`stops before an event that ${what}, and reports its position`, async () => {
      await using test = await stopped()
      change(test.eventFile, sql)
      const fatal: object[] = []
      test.open({ logger: { ...silentLogger, fatal: details => void fatal.push(details) } })
      await assert.rejects(test.engine.whenReady(), { name: 'ReadModelsStopped' })
      const { ready, live, position, stopped: why } = test.engine.status()
      assert.deepEqual({ ready, live, position }, { ready: false, live: false, position: DAMAGED - 1 })
      assert.match(why ?? '', PLACE)
      assert.match(why ?? '', fault)
      assert.doesNotMatch(why ?? '', /secret/)
      assert.equal((fatal[0] as { place: { position: number } }).place.position, DAMAGED)
      // Queries are answered; commands are rejected.
      assert.ok(test.engine.read.resource('Listener', 'west', 'c'))
      for (const command of [updatePort('c', 7), createListener('d')])
        await assert.rejects(test.run(command), { code: 'UNAVAILABLE', message: /commands are rejected/ })
      await assert.rejects(
        test.engine.apply([], { caller: { actor: 'a', correlationId: '' } as never, dryRun: false }),
        {
          code: 'UNAVAILABLE',
        },
      )
    })
  }

  for (const [what, sql, fault] of FAULTS) {
    it(`rejects reads at an event that ${what}`, async () => {
      await using test = await stopped()
      change(test.eventFile, sql)
      const store = openSqliteEventStore({ file: test.eventFile })
      const damaged = (error: unknown) => error instanceof StoreCorrupted && fault.test(error.message)
      try {
        await assert.rejects(all(store.readAll()), damaged)
        await assert.rejects(all(store.readAll({ direction: 'backward' })), damaged)
        await assert.rejects(all(store.readStream('listener-west.a')), damaged)
        await assert.rejects(all(store.readStream('listener-west.a', { direction: 'backward' })), damaged)
        const before: number[] = []
        await assert.rejects(async () => {
          for await (const { position } of store.readAll()) before.push(position)
        })
        assert.deepEqual(before, [1, 2, 3, 4, 5, 6, 7])
        assert.equal((await all(store.readStream('listener-west.b'))).length, 1)
      } finally {
        await store.close()
      }
    })
  }
})

describe('SQLite event store without the end of its log', () => {
  it('detects the loss by its stream index, and rejects appends', async () => {
    await using test = await stopped()
    change(test.eventFile, 'DELETE FROM events WHERE position > 12')
    const store = openSqliteEventStore({ file: test.eventFile })
    try {
      await assert.rejects(all(store.readAll()), { name: 'StoreCorrupted', message: /position 0000000000000013/ })
      assert.match(store.readOnlyReason ?? '', /0000000000000013/)
      await assert.rejects(store.append('x-y', -1, []), {
        name: 'StoreUnavailable',
        message: /the event log is damaged/,
      })
    } finally {
      await store.close()
    }
  })
})

describe('SQLite event store with an overwritten page', () => {
  it('reads the events before the page, and reports the position', async () => {
    await using test = await stopped()
    overwritePage(test.eventFile, 1)
    const store = openSqliteEventStore({ file: test.eventFile })
    const read: number[] = []
    try {
      await assert.rejects(
        async () => {
          for await (const { position } of store.readAll()) read.push(position)
        },
        error => error instanceof StoreCorrupted && error.location.position === read.length + 1,
      )
      assert.ok(read.length > 0)
    } finally {
      await store.close()
    }
  })

  it('does not open if the page holds the end of the log', async () => {
    await using test = await stopped()
    overwritePage(test.eventFile, -1)
    assert.throws(() => openSqliteEventStore({ file: test.eventFile }), {
      name: 'StoreUnavailable',
      message: /events\.db cannot be opened: the file is damaged/,
    })
  })
})

describe('hark serve on a damaged log', () => {
  it('exits with status 5, and logs the position of the damage', async () => {
    await using test = await stopped()
    change(test.eventFile, FAULTS[0][1])
    await using hark = await RunningHark.start(['--data', join(test.eventFile, '..')])
    assert.equal(await hark.exitStatus(), 5)
    await hark.log.until(/"level":60[^\n]*"position":8/)
    await hark.log.until(/^error: .*position 0000000000000008/m)
  })

  it('shows the position to operators, and hides it from API clients', async () => {
    await using test = await stopped()
    change(test.eventFile, FAULTS[0][1])
    const data = join(test.eventFile, '..')
    await using hark = await ServedHark.start(['--data', data, '--on-failure', 'serve'])
    await eventually(async () => (await hark.readiness()).reasons.some(reason => PLACE.test(reason)))
    assert.equal((await hark.readiness()).status, 503)
    const listed = await runInProcess(['get', 'listeners', '-n', 'west', '--server', hark.url])
    assert.equal(listed.status, 0)
    assert.match(listed.stderr, /^warning: the engine is not ready, what it shows may be out of date: /)
    assert.match(listed.stderr, PLACE)
    const health = await fetch(`${hark.url}/healthz`)
    assert.equal(health.status, 503)
    assert.match(await health.text(), PLACE)
    assert.equal(await hark.metric('hark_healthy'), 0)
    await hark.log.until(/"level":60[^\n]*"position":8/)

    const moved = await hark.graphql(
      'mutation { updatePort(input: { namespace: "west", name: "c", port: 7 }) { position } }',
    )
    assert.equal(moved.errors?.[0]?.extensions.code, 'UNAVAILABLE')
    const history = await hark.graphql(
      '{ listener(namespace: "west", name: "a") { history { edges { node { type } } } } }',
    )
    assert.equal(history.errors?.[0]?.extensions.code, 'INTERNAL_SERVER_ERROR')
    assert.doesNotMatch(JSON.stringify([moved, history]), /0008|revision|JSON/)
    await hark.log.until(/failed unexpectedly/)
    const subscribed = await fetch(`${hark.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { events { type } }' }),
    })
    assert.match(await subscribed.text(), /UNAVAILABLE/)
    await hark.stop()
    assert.equal(await hark.exitStatus(), 0)

    const verified = await runInProcess(['verify', '--data', data])
    assert.equal(verified.status, 1)
    assert.match(verified.stdout, /listener-west\.a revision 1 \(position 0000000000000008\): its data is not JSON/)
    const exported = await runInProcess(['export', join(data, 'log.jsonl'), '--data', data])
    assert.equal(exported.status, 1)
    assert.match(exported.stderr, PLACE)
    const rebuilt = await runInProcess(['rebuild', '--data', data])
    assert.equal(rebuilt.status, 1)
    assert.match(rebuilt.stderr, /the read models have stopped/)
  })
})
