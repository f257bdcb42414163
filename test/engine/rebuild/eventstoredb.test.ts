import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createEngine } from '../../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../../src/engine/history/recorder.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { chainedStore } from '../../../src/integrity/hash-chain/hash-chained-store.ts'
import { rebuilderOf } from '../../../src/ops/running-rebuild/connect.ts'
import { openReadModels, verify } from '../../../src/ops/verify-and-rebuild.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { ALICE } from '../../support/test-engine.ts'

describe('a rebuild in an engine on EventStoreDB', () => {
  it('makes the same read models, with what is written meanwhile', async () => {
    await using stack = new AsyncDisposableStack()
    const server = stack.use(await new FakeEventStoreDb().start())
    const folder = stack.use(await scratchFolder())
    const { connectionString } = server
    const store = chainedStore(openEventStoreDb({ connectionString }))
    stack.defer(() => store.close())
    const file = join(folder.path, 'read-models.db')
    const connectRebuilder = rebuilderOf({ kind: 'eventstoredb', connectionString })
    const engine = createEngine({
      store,
      readModelFile: file,
      logger: silentLogger,
      connectHistory: connectInThisThread,
      connectRebuilder,
    })
    stack.defer(() => engine.close())
    await engine.whenReady()
    const run = (command: Parameters<typeof engine.execute>[0]) => engine.execute(command, { caller: ALICE })
    await run(createListener('a'))
    let port = 1
    for (let after: string | undefined; ; ) {
      port += 1
      await run(updatePort('a', port))
      const { next, differences } = await engine.rebuild.slice({ after, compares: true })
      assert.deepEqual(differences, [])
      if (next === undefined) break
      after = next
    }
    await run(updatePort('a', port + 1))
    await engine.close()
    const models = openReadModels(file)
    stack.defer(() => models?.close())
    const signal = new AbortController().signal
    const { findings, rows } = await verify(store, models, { onProgress: () => {}, signal })
    assert.deepEqual(findings, [])
    assert.ok(Number(rows) > 0)
  })
})
