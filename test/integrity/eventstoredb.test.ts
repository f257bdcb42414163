import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { EventStoreDBClient } from '@eventstore/db-client'
import { createEngine } from '../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import { type EventStore, NO_STREAM, StoreCorrupted } from '../../src/event-store/event-store.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { CHECKPOINTS_FILE, Checkpointer } from '../../src/integrity/checkpoints/checkpointer.ts'
import { eventHash } from '../../src/integrity/hash-chain/event-hash.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { KeyFiles } from '../../src/integrity/keys/key-files.ts'
import type { PublicKey } from '../../src/integrity/keys/signing-key.ts'
import { verifyProof } from '../../src/integrity/proofs/inclusion-proof.ts'
import { proveEvent } from '../../src/integrity/proofs/prove.ts'
import { readStoredState, verifyLog } from '../../src/integrity/verify/verify.ts'
import { all, event } from '../contract/event-store/events.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { createListener, updatePort } from '../support/commands.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ALICE } from '../support/test-engine.ts'

const CHECKPOINT_MS = 20
const LISTENERS = ['a', 'b', 'c', 'd']

/** An engine with a checkpointer. */
const open = async (shared: EventStore, folder: string) => {
  const store = chainedStore(shared)
  const keys = new KeyFiles(folder)
  const checkpointFile = join(folder, CHECKPOINTS_FILE)
  const checkpointer = new Checkpointer({
    store,
    keys,
    checkpointFile,
    everyMs: CHECKPOINT_MS,
    logger: silentLogger,
  })
  checkpointer.start()
  const engine = createEngine({
    store,
    readModelFile: join(folder, 'read-models.db'),
    logger: silentLogger,
    connectHistory: connectInThisThread,
  })
  await engine.whenReady()
  return {
    engine,
    close: async () => {
      await engine.close()
      await checkpointer.close()
    },
  }
}

const UNHURRIED = { onProgress: () => {}, signal: new AbortController().signal }

describe('integrity on EventStoreDB', () => {
  test('signs one log from two engines with one key, so that the log verifies and an event can be proven', async () => {
    await using double = await new FakeEventStoreDb().start()
    await using first = await scratchFolder()
    await using second = await scratchFolder()
    const store = openEventStoreDb({ connectionString: `esdb://127.0.0.1:${double.port}?tls=false` })
    try {
      const one = await open(store, first.path)
      await one.engine.execute(createListener(LISTENERS[0] as string), { caller: ALICE })
      while ((await all(store.readStream('audit-checkpoints'))).length < 2)
        await one.engine.execute(updatePort('a', 1), { caller: ALICE })
      await copyFile(join(first.path, 'signing-key.pem'), join(second.path, 'signing-key.pem'))
      const other = await open(store, second.path)
      for (const name of LISTENERS.slice(1)) await other.engine.execute(createListener(name), { caller: ALICE })
      for (let port = 2; port < 40; port += 1) {
        await Promise.all([
          one.engine.execute(updatePort('a', port), { caller: ALICE }),
          other.engine.execute(updatePort(LISTENERS[port % 4] as string, 100 + port), { caller: ALICE }),
        ])
      }
      await one.close()
      await other.close()

      const publicKey = new KeyFiles(first.path).read()?.public as PublicKey
      for (const { path } of [first, second]) {
        const checkpointFile = join(path, CHECKPOINTS_FILE)
        const audited = await verifyLog(store, { publicKey, stored: readStoredState(checkpointFile), ...UNHURRIED })
        assert.deepEqual(audited.findings, [])
        assert.ok(audited.checkpoints > 2, `${audited.checkpoints}`)
      }
      const events = await all(store.readAll())
      const moved = events.findLast(({ type }) => type === 'PortUpdated')
      const proof = await proveEvent(store, ({ id }) => id === moved?.id, UNHURRIED)
      verifyProof(proof, publicKey)
    } finally {
      await store.close()
    }
  })

  test('uses the actual revisions of events appended to a deleted stream', async () => {
    await using double = await new FakeEventStoreDb().start()
    const client = EventStoreDBClient.connectionString(double.connectionString)
    const store = chainedStore(openEventStoreDb({ connectionString: double.connectionString }))
    try {
      const made = () => ({ ...event(), metadata: { ...event().metadata, via: 'cli' as const } })
      await store.append('listener-west.a', NO_STREAM, [made()])
      await client.deleteStream('listener-west.a')
      // The server accepts the append; the store detects the deletion, and the next append uses the actual revision.
      await assert.rejects(store.append('listener-west.a', NO_STREAM, [made()]), StoreCorrupted)
      await store.append('listener-west.a', 1, [made()])
      const [again, after] = (await all(store.readAll())).filter(({ revision }) => revision > 0)
      assert.ok(again && after)
      assert.equal(store.hashOf(again), eventHash(again))
      assert.equal(after.metadata.previousHash, eventHash(again))
    } finally {
      await client.dispose()
      await store.close()
    }
  })
})
