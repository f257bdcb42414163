import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EventStoreDBClient } from '@eventstore/db-client'
import { createEngine } from '../../../src/engine/create-engine.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { chainedStore } from '../../../src/integrity/hash-chain/hash-chained-store.ts'
import { verifyLog } from '../../../src/integrity/verify/verify.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { openReadModels, verify } from '../../../src/ops/verify-and-rebuild.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { eventually } from '../../support/eventually.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { ALICE } from '../../support/test-engine.ts'

const STREAM = 'listener-west.a'
/** Short, because no server in these tests lags: an event that is missing stays missing. */
const SETTLE_MS = 100
const UNHURRIED = { onProgress: () => {}, signal: new AbortController().signal }

/** A server, and a client for what Hark itself never does. */
const serve = async (stack: AsyncDisposableStack) => {
  const server = stack.use(await new FakeEventStoreDb().start())
  const client = EventStoreDBClient.connectionString(server.connectionString)
  stack.defer(() => client.dispose())
  const folder = stack.use(await scratchFolder())
  const { connectionString } = server
  const start = (readModels: string, logger: Logger = silentLogger) => {
    const raw = openEventStoreDb({ connectionString, settleMs: SETTLE_MS })
    const store = chainedStore(raw)
    const engine = createEngine({ store, readModelFile: join(folder.path, readModels), logger })
    const stop = async () => {
      await engine.close()
      await store.close()
    }
    stack.defer(stop)
    return { raw, engine, stop }
  }
  return { server, client, folder: folder.path, start }
}

const create = (engine: Engine, name: string) => engine.execute(createListener(name), { caller: ALICE })
const move = (engine: Engine, port: number) => engine.execute(updatePort('a', port), { caller: ALICE })

const DAMAGED = { code: 'UNAVAILABLE', message: /the event log is damaged/ }

describe('engine on EventStoreDB', () => {
  it('keeps running on scavenged events that it has read, and stops at them if it has not', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, client, folder, start } = await serve(stack)
    const first = start('read-models.db')
    await first.engine.whenReady()
    await create(first.engine, 'a')
    await create(first.engine, 'b')
    for (const port of [1, 2, 3]) await move(first.engine, port)
    await first.stop()
    await client.setStreamMetadata(STREAM, { maxCount: 1 })
    server.log.scavenge()

    const again = start('read-models.db')
    await again.engine.whenReady()
    assert.equal(again.engine.read.resource('Listener', 'west', 'a')?.spec.port, 3)
    await move(again.engine, 4)
    await again.stop()

    const fatal: object[] = []
    const restarted = start('others.db', { ...silentLogger, fatal: details => void fatal.push(details) })
    await assert.rejects(restarted.engine.whenReady(), { name: 'ReadModelsStopped' })
    const { ready, live, stopped } = restarted.engine.status()
    assert.deepEqual({ ready, live }, { ready: false, live: false })
    assert.match(stopped ?? '', /listener-west\.a revision 3 \(position \w+\): revisions 0 to 2 are missing before it/)
    assert.equal((fatal[0] as { place: { stream: string } }).place.stream, STREAM)
    assert.ok(restarted.engine.read.resource('Listener', 'west', 'b'))

    // The rows that such a log should lead to cannot be computed.
    const models = openReadModels(join(folder, 'read-models.db'))
    const verified = await verify(restarted.raw, models, UNHURRIED)
    models?.close()
    assert.equal(verified.findings.length, 2)
    assert.match(verified.findings[0]?.fault ?? '', /revision 0 should follow/)
    assert.match(verified.findings[1]?.fault ?? '', /revisions 0 to 3 are missing before it: .* \$maxCount/)
    const audited = await verifyLog(restarted.raw, { publicKey: undefined, ...UNHURRIED })
    assert.match(
      audited.findings.map(({ fault }) => fault).join('\n'),
      /revisions 0 to 2 are missing before it: removed/,
    )
  })

  for (const [what, metadata] of [
    ['hidden', { truncateBefore: 99 }],
    ['deleted', undefined],
  ] as const) {
    it(`rejects commands on a ${what} stream, and verify reports the stream`, async () => {
      await using stack = new AsyncDisposableStack()
      const { client, start } = await serve(stack)
      const { engine, stop } = start('read-models.db')
      await engine.whenReady()
      await create(engine, 'a')
      await stop()
      const tamper = (stream: string) =>
        metadata ? client.setStreamMetadata(stream, metadata) : client.deleteStream(stream)
      await tamper(STREAM)

      const again = start('others.db')
      await again.engine.whenReady()
      await assert.rejects(move(again.engine, 1), DAMAGED)
      await assert.rejects(again.engine.read.history('Listener', 'west', 'a', { first: 1 }), { name: 'StoreCorrupted' })
      for (const { findings } of [
        await verify(again.raw, undefined, UNHURRIED),
        await verifyLog(again.raw, { publicKey: undefined, ...UNHURRIED }),
      ]) {
        assert.equal(findings.length, 1)
        assert.equal(findings[0]?.place, STREAM)
        assert.match(findings[0]?.fault ?? '', metadata ? /none of its events can be read: .* \$tb/ : /was deleted/)
      }
    })
  }

  it('stops on a log restored to an older state, and rebuilds its read models at the next start', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, start } = await serve(stack)
    const first = start('read-models.db')
    await first.engine.whenReady()
    const { position } = await create(first.engine, 'a')
    await create(first.engine, 'b')
    server.kill()
    server.log.putBack(position)
    await server.start()
    await eventually(() => first.engine.status().stopped !== undefined)
    assert.match(first.engine.status().stopped ?? '', /the log was read up to \w+, and ends at \w+: it is another log/)
    assert.deepEqual([first.engine.status().live, first.engine.status().ready], [false, false])
    await assert.rejects(create(first.engine, 'c'), { code: 'UNAVAILABLE' })
    await first.stop()
    const again = start('read-models.db')
    await again.engine.whenReady()
    assert.deepEqual(
      again.engine.read.resources('Listener', {}, { first: 9 }).rows.map(({ row }) => row.name),
      ['a'],
    )
  })

  it('rebuilds its read models if only later events of other applications are missing', async () => {
    await using stack = new AsyncDisposableStack()
    const { server, start } = await serve(stack)
    const first = start('read-models.db')
    await first.engine.whenReady()
    const { position } = await create(first.engine, 'a')
    while (first.engine.status().position <= position) {
      server.log.writeSystemEvents(1000)
      await new Promise(resolve => setImmediate(resolve))
    }
    await first.stop()
    server.log.putBack(position)
    const warned: unknown[] = []
    const warn: Logger['warn'] = (what: unknown) => void warned.push(what)
    const again = start('read-models.db', { ...silentLogger, warn })
    await again.engine.whenReady()
    assert.deepEqual(warned, ['the read models were built from another log: rebuilding them'])
    await move(again.engine, 7)
    assert.equal(again.engine.read.resource('Listener', 'west', 'a')?.spec.port, 7)
  })
})
