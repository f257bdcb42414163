import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HarkError } from '../../../schemas/errors.ts'
import { MAINTENANCE_STREAM } from '../../../schemas/events/streams.ts'
import { createCompaction } from '../../../src/engine/history/compaction/compaction.ts'
import { all } from '../../contract/event-store/events.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

/** Returns a time after all events so far and before those that follow, in milliseconds since 1970. */
const afterNow = async ({ engine }: TestEngine): Promise<number> => {
  const last = Date.parse(engine.read.head().time)
  await until(() => Date.now() > last)
  const time = Date.now()
  await until(() => Date.now() > time)
  return time
}

const compact = async ({ engine }: TestEngine, before: number, isDryRun = false, caller = ALICE): Promise<number> => {
  let versions = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const slice = await engine.compact({ before, after, isDryRun, caller })
    versions += slice.versions
    after = slice.next
  }
  return versions
}

const portAt = async ({ engine }: TestEngine, time: number, name = 'backend'): Promise<number | undefined> => {
  const view = await engine.read.past({ time: new Date(time).toISOString() })
  return (await view.resource('Listener', 'west', name))?.spec.port
}

const isCompacted = (error: unknown): boolean =>
  error instanceof HarkError && error.code === 'BAD_USER_INPUT' && /was removed by a compaction/.test(error.message)

/** A listener with ports 1 to 20, then 9090 after the time that is returned; another listener was deleted before. */
const withChanges = async (test: TestEngine): Promise<{ readonly begin: number; readonly cut: number }> => {
  await test.run(createListener('backend'))
  await test.run(createListener('gone'))
  const begin = await afterNow(test)
  for (let port = 1; port <= 20; port += 1) await test.run(updatePort('backend', port))
  await test.run(deleteListener('gone'))
  const cut = await afterNow(test)
  await test.run(updatePort('backend', 9090))
  return { begin, cut }
}

describe('compact', () => {
  it('rejects moments before, and answers those after as before it', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    assert.equal(await portAt(test, begin), 8080)
    assert.ok((await compact(test, cut)) > 10)
    await assert.rejects(portAt(test, begin), isCompacted)
    assert.equal(await portAt(test, cut), 20)
    assert.equal(await portAt(test, cut, 'gone'), undefined)
    assert.equal(await portAt(test, await afterNow(test)), 9090)
    await test.restart()
    await assert.rejects(portAt(test, begin), isCompacted)
    assert.equal(await portAt(test, cut), 20)
  })

  it('names the moment from which on states are known', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    await compact(test, cut)
    const error = await portAt(test, begin).catch((caught: HarkError) => caught)
    assert.ok(error instanceof HarkError)
    assert.equal(error.details.keptFrom, new Date(cut).toISOString())
    assert.match(error.message, new RegExp(`before ${new Date(cut).toISOString()}`))
    assert.equal(await portAt(test, Date.parse(error.details.keptFrom as string)), 20)
  })

  it('rejects windows and subscriptions that begin before', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    await compact(test, cut)
    const [from, kept] = [begin, cut].map(time => ({ time: new Date(time).toISOString() })) as [
      { time: string },
      { time: string },
    ]
    const listener = { namespace: 'west', name: 'backend', type: 'Ready' } as const
    const { read, watch } = test.engine
    await assert.rejects(read.timeline({ kind: 'Listener', ...listener, from }), isCompacted)
    await assert.rejects(read.bisect({ kind: 'Listener', ...listener, from, latest: false }), isCompacted)
    await assert.rejects(read.lanes({ from, orderBy: 'Name', resolution: 1, first: 10 }), isCompacted)
    const { signal } = new AbortController()
    const past = watch.resources('Listener', { namespace: 'west' }, signal, { position: 1 })
    await assert.rejects(past[Symbol.asyncIterator]().next(), isCompacted)
    assert.equal((await read.timeline({ kind: 'Listener', ...listener, from: kept })).from, cut)
    assert.equal((await read.bisect({ kind: 'Listener', ...listener, from: kept, latest: false })).outcome, 'before')
  })

  it('lets a search without a beginning begin where the history does', async () => {
    await using test = await TestEngine.start()
    const { cut } = await withChanges(test)
    await compact(test, cut)
    const { read } = test.engine
    assert.equal(read.kept()?.time, cut)
    const listener = { kind: 'Listener', namespace: 'west', type: 'Ready', latest: false } as const
    assert.deepEqual(await read.bisect({ ...listener, name: 'backend' }), { outcome: 'before' })
    const { position } = await test.run(createListener('late'))
    assert.deepEqual(await read.bisect({ ...listener, name: 'late' }), { outcome: 'found', position })
  })

  it('is recorded once, with who did it, unless nothing was removed', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    const caller = { ...ALICE, actor: 'bob' }
    await compact(test, cut, true)
    await compact(test, cut, false, caller)
    await compact(test, begin)
    const events = await all(test.store.readStream(MAINTENANCE_STREAM))
    assert.deepEqual(
      events.map(({ type, metadata, data }) => [type, metadata.actor, data]),
      [
        [
          'HistoryCompacted',
          'bob',
          { keptFrom: new Date(cut).toISOString(), keptPosition: test.engine.read.kept()?.position },
        ],
      ],
    )
  })

  it('lets lanes without a beginning begin where the history does', async () => {
    await using test = await TestEngine.start()
    const { cut } = await withChanges(test)
    await compact(test, cut)
    const page = await test.engine.read.lanes({ orderBy: 'Name', resolution: 1, first: 10 })
    assert.equal(page.from, cut)
    assert.deepEqual(
      page.lanes.map(({ name }) => name),
      ['backend'],
    )
  })

  it('lets such lanes begin there too if it runs meanwhile', async () => {
    await using test = await TestEngine.start()
    const { cut } = await withChanges(test)
    const request = { orderBy: 'Name', resolution: 1, first: 10 } as const
    const [page] = await Promise.all([test.engine.read.lanes(request), compact(test, cut)])
    assert.equal(page.from, cut)
  })

  it('keeps the events of the log and their times', async () => {
    await using test = await TestEngine.start()
    const { cut } = await withChanges(test)
    const events = await test.engine.read.events({}, { first: 100 })
    const density = await test.engine.read.density({ namespaces: undefined, buckets: 1 })
    const log = await test.log()
    await compact(test, cut)
    assert.deepEqual(await test.engine.read.events({}, { first: 100 }), events)
    assert.equal((await test.engine.read.density({ namespaces: undefined, buckets: 1 })).total, density.total)
    const [record, ...others] = (await test.log()).slice(log.length)
    assert.deepEqual([record?.type, others], ['HistoryCompacted', []])
    assert.deepEqual((await test.log()).slice(0, log.length), log)
  })

  it('counts the same versions in a dry run, and removes none', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    const counted = await compact(test, cut, true)
    assert.equal(await portAt(test, begin), 8080)
    assert.equal(await compact(test, cut), counted)
  })

  it('never brings earlier moments back, and changes nothing before the first event', async () => {
    await using test = await TestEngine.start()
    const before = Date.now() - 1
    const { begin, cut } = await withChanges(test)
    assert.equal(await compact(test, before), 0)
    assert.equal(await portAt(test, begin), 8080)
    await compact(test, cut)
    assert.equal(await compact(test, begin), 0)
    await assert.rejects(portAt(test, begin), isCompacted)
  })

  it('rejects a time in the future', async () => {
    await using test = await TestEngine.start()
    await assert.rejects(
      test.engine.compact({ before: Date.now() + 3_600_000, after: 0, isDryRun: false }),
      /must not be in the future/,
    )
  })

  it('is undone by rebuilding the read models from the log', async () => {
    await using test = await TestEngine.start()
    const { begin, cut } = await withChanges(test)
    await compact(test, cut)
    await test.stop()
    test.forgetReadModels()
    await test.startAgain()
    assert.equal(await portAt(test, begin), 8080)
  })
})

describe('createCompaction', () => {
  interface Kept {
    readonly time: number
    readonly position: number
  }
  const compactionWith = (compact: (kept: Kept) => Promise<object>) => {
    let turn: Promise<unknown> = Promise.resolve()
    const models = {
      rebuilding: [],
      checkDamage: () => {},
      exclusively: (work: () => Promise<unknown>) => {
        turn = turn.then(work)
        return turn
      },
    }
    const recorder = {
      kept: undefined as Kept | undefined,
      keepFrom: (kept: Kept | undefined) => {
        recorder.kept = kept
      },
      database: { compact: ({ kept }: { kept: Kept }) => compact(kept) },
    }
    const history = { positionAt: async (time: number) => time }
    const parts = {
      models,
      recorder,
      history,
      projector: { ready: true },
      rebuild: { isRunning: false },
      logger: { info: () => {} },
      maintenance: { write: async () => {} },
    }
    return { recorder, compactTo: createCompaction(parts as unknown as Parameters<typeof createCompaction>[0]) }
  }
  const slice = { versions: 1, bytes: 1, done: 1, total: 1, next: undefined }

  it('never moves the beginning back if another compaction runs meanwhile', async () => {
    const { recorder, compactTo } = compactionWith(async () => slice)
    await Promise.all([200, 100].map(before => compactTo({ before, after: 0, isDryRun: false })))
    assert.equal(recorder.kept?.time, 200)
  })

  it('keeps the beginning if nothing could be written', async () => {
    const { recorder, compactTo } = compactionWith(() => Promise.reject(new Error('disk I/O error')))
    await assert.rejects(compactTo({ before: 100, after: 0, isDryRun: false }), { code: 'UNAVAILABLE' })
    assert.equal(recorder.kept, undefined)
  })
})
