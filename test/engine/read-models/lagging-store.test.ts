import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createEngine } from '../../../src/engine/create-engine.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { CHECKPOINTS_FILE, Checkpointer } from '../../../src/integrity/checkpoints/checkpointer.ts'
import { chainedStore } from '../../../src/integrity/hash-chain/hash-chained-store.ts'
import { KeyFiles } from '../../../src/integrity/keys/key-files.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, deleteListener, updatePort } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { ALICE } from '../../support/test-engine.ts'

const CHECKPOINT_MS = 20
const TIMEOUT_MS = 500

/** Starts engines that sign, one after the other, on one server and with one folder. */
const serve = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const folder = stack.use(await scratchFolder())
  const start = () => {
    const logged: string[] = []
    const note = (...args: unknown[]) => void logged.push(String(args.at(-1)))
    const logger: Logger = { ...silentLogger, warn: note, error: note, fatal: note }
    let lags = 0
    const store = chainedStore(
      openEventStoreDb({
        connectionString: server.connectionString,
        timeoutMs: TIMEOUT_MS,
        onLoss: error => {
          if (/lags behind/.test(String(error))) lags += 1
        },
      }),
    )
    const checkpointFile = join(folder.path, CHECKPOINTS_FILE)
    const keys = new KeyFiles(folder.path)
    const checkpointer = new Checkpointer({ store, keys, checkpointFile, everyMs: CHECKPOINT_MS, logger })
    checkpointer.start()
    const engine = createEngine({ store, readModelFile: join(folder.path, 'read-models.db'), logger })
    let isStopped = false
    const stop = async () => {
      if (isStopped) return
      isStopped = true
      await engine.close()
      await checkpointer.close()
      await store.close()
    }
    stack.defer(stop)
    return { engine, checkpointer, logged, stop, lags: () => lags }
  }
  return { server, start }
}

type Started = ReturnType<Awaited<ReturnType<typeof serve>>['start']>

const run = ({ engine }: Started, command: ReturnType<typeof createListener | typeof updatePort>) =>
  engine.execute(command, { caller: ALICE })

describe('engine on EventStoreDB with a lagging new leader', () => {
  it('resumes reading and signing when the leader has caught up', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, start } = await serve(stack)
    const running = start()
    await running.engine.whenReady()
    const { position } = await run(running, createListener('a'))
    await run(running, createListener('b'))
    await eventually(() => running.checkpointer.status.signedAt !== undefined)
    server.setPreLeader(position)
    server.cutConnections()
    await eventually(() => running.lags() >= 4)
    assert.equal(running.engine.status().stopped, undefined)
    server.setPreLeader(undefined)
    await eventually(() => running.engine.status().live)
    await run(running, updatePort('b', 1))
    await eventually(() => running.checkpointer.status.isSigning)
    assert.deepEqual(
      running.logged.filter(message => /no more checkpoints are signed|stopped/.test(message)),
      [],
    )
  })

  it('keeps its read models and resumes signing if it starts meanwhile', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, start } = await serve(stack)
    const first = start()
    await first.engine.whenReady()
    const { position } = await run(first, createListener('a'))
    await run(first, createListener('b'))
    await eventually(() => first.checkpointer.status.signedAt !== undefined)
    await first.stop()
    server.setPreLeader(position)
    const second = start()
    await eventually(() => second.lags() >= 4)
    assert.equal(second.engine.read.resource('Listener', 'west', 'b')?.name, 'b')
    server.setPreLeader(undefined)
    await second.engine.whenReady()
    await eventually(() => second.checkpointer.status.isSigning)
    assert.deepEqual(
      second.logged.filter(message => /built from another log|no more checkpoints are signed/.test(message)),
      [],
    )
  })

  it('rejects a command that it would decide on outdated events', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, start } = await serve(stack)
    const first = start()
    await first.engine.whenReady()
    const { position } = await run(first, createListener('a'))
    await first.engine.execute(deleteListener('a'), { caller: ALICE })
    await first.stop()
    server.setPreLeader(position)
    const second = start()
    // On the outdated listener the command would change nothing and wrongly succeed.
    const toWhatItWas = updatePort('a', createListener('a').spec.port)
    await assert.rejects(run(second, toWhatItWas), { code: 'UNAVAILABLE' })
    server.setPreLeader(undefined)
    await second.engine.whenReady()
    await assert.rejects(run(second, toWhatItWas), { code: 'NOT_FOUND' })
  })
})
