import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createEngine } from '../../../src/engine/create-engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { connectInThisThread } from '../../../src/engine/history/recorder.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  StoreUnavailable,
} from '../../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { FaultyStore } from '../../fakes/faulty-store.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { ALICE, TestEngine, until } from '../../support/test-engine.ts'

/** Short for a test, and long for a machine that has other things to do. */
const TIMEOUT_MS = 300

/** A store that may be long about an append. */
class SlowStore extends FaultyStore {
  /** What appends wait for. */
  turn: Promise<void> = Promise.resolve()
  begun = 0

  override async append(stream: string, revision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.begun += 1
    await this.turn
    return super.append(stream, revision, events)
  }
}

const startSlow = async (test: TestEngine, timeoutMs?: number): Promise<{ store: SlowStore; engine: Engine }> => {
  let store: SlowStore | undefined
  const around = (inner: ConstructorParameters<typeof FaultyStore>[0]) => {
    store = new SlowStore(inner)
    return store
  }
  const engine = await test.startAnother(around, timeoutMs === undefined ? {} : { timeoutMs })
  return { store: store as unknown as SlowStore, engine }
}

const move = (engine: Engine, port: number) => engine.execute(updatePort('a', port), { caller: ALICE })
const codeOf = ({ reason }: PromiseRejectedResult): string => reason.code

describe('execute while the store does not respond', () => {
  it('rejects the queued commands of the stream together with the failed one', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const { store, engine } = await startSlow(test)
    await until(() => engine.read.resource('Listener', 'west', 'a') !== undefined)
    const silence = Promise.withResolvers<void>()
    store.turn = silence.promise
    const first = move(engine, 1)
    await until(() => store.begun === 1)
    const others = [move(engine, 2), move(engine, 3)]
    silence.reject(new StoreUnavailable('the event store did not respond'))
    const refused = (await Promise.allSettled([first, ...others])) as PromiseRejectedResult[]
    assert.deepEqual(refused.map(codeOf), ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'])
    assert.equal(store.begun, 1)
    store.turn = Promise.resolve()
    assert.equal((await move(engine, 4)).row?.spec.port, 4)
  })

  it('rejects after the timeout, and does not execute a queued command later', async () => {
    await using test = await TestEngine.start()
    await test.run(createListener('a'))
    const { store, engine } = await startSlow(test, TIMEOUT_MS)
    await until(() => engine.read.resource('Listener', 'west', 'a') !== undefined)
    const answer = Promise.withResolvers<void>()
    store.turn = answer.promise
    const begun = move(engine, 1)
    await until(() => store.begun === 1)
    const waiting = move(engine, 2)
    const late = { code: 'UNAVAILABLE', message: /did not respond in time/ }
    await Promise.all([assert.rejects(begun, late), assert.rejects(waiting, late)])
    answer.resolve()
    assert.equal((await move(engine, 3)).row?.spec.port, 3)
    const ports = (await test.stream('listener-west.a')).slice(1).map(({ data }) => (data as { port: number }).port)
    assert.deepEqual(ports, [1, 3])
  })
})

/** Records which streams the store is called for. */
class RecordingStore extends FaultyStore {
  readonly called: string[] = []

  override append(stream: string, revision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.called.push(stream)
    return super.append(stream, revision, events)
  }

  override readStream(...[stream, options]: Parameters<EventStore['readStream']>) {
    this.called.push(stream)
    return super.readStream(stream, options)
  }
}

describe('execute while EventStoreDB is away', () => {
  for (const how of ['kill', 'freeze'] as const) {
    it(`rejects after one timeout of the store, whatever the command waits for (${how})`, async () => {
      await using stack = new AsyncDisposableStack()
      const server = stack.use(await new FakeEventStoreDb().start())
      const folder = stack.use(await scratchFolder())
      const eventStoreDb = openEventStoreDb({ connectionString: server.connectionString, timeoutMs: 1_000 })
      stack.defer(() => eventStoreDb.close())
      const store = new RecordingStore(eventStoreDb)
      const engine = createEngine({
        store,
        readModelFile: `${folder.path}/read-models.db`,
        logger: silentLogger,
        connectHistory: connectInThisThread,
      })
      stack.defer(() => engine.close())
      await engine.whenReady()
      const run = (command: ReturnType<typeof updatePort>, commandId?: string) =>
        engine.execute(command, { caller: ALICE, ...(commandId && { commandId }) })
      for (const name of ['a', 'b', 'c']) await run(createListener(name))
      server[how]()
      store.called.splice(0)
      const rejected = (await Promise.allSettled([
        run(createListener('x')),
        ...[1, 2, 3].map(port => run(updatePort('a', port))),
        run(updatePort('b', 1), 'id'),
        run(updatePort('c', createListener('c').spec.port)),
        run(updatePort('none', 1)),
      ])) as PromiseRejectedResult[]
      assert.deepEqual(new Set(rejected.map(codeOf)), new Set(['UNAVAILABLE']))
      // The second and third update of one listener do not call the store again.
      assert.equal(store.called.length, 5, String(store.called))
    })
  }
})
