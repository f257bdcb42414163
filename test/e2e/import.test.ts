import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BEGINNING } from '../../schemas/events/recorded-event.ts'
import { openEventStoreDb } from '../../src/event-store/eventstoredb/store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { exportLog } from '../../src/ops/transfer/export-log.ts'
import { run, start } from '../cli/hark.ts'
import { inTurns } from '../contract/event-store/events.ts'
import { FakeEventStoreDb } from '../fakes/eventstoredb/fake.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const APPENDS = 600

test('hark import › gives EventStoreDB the same log when it is killed twice and repeated', async () => {
  await using server = await new FakeEventStoreDb().start()
  await using folder = await scratchFolder()
  const [file, again] = [join(folder.path, 'log.jsonl'), join(folder.path, 'again.jsonl')]
  const log = openSqliteEventStore({ file: ':memory:' })
  await log.appendInOrder(inTurns('listener-west.', APPENDS).values(), BEGINNING)
  await exportLog(log, file)
  await log.close()

  const args = ['import', file, '--store', server.connectionString]
  for (const nth of [100, 300]) {
    const importing = start(args)
    server.beforeRequest(nth, () => importing.kill('SIGKILL'))
    const [, signal] = await once(importing, 'close')
    assert.equal(signal, 'SIGKILL')
  }
  const { status, stderr } = await run(args)
  assert.equal(status, 0, stderr)
  const store = openEventStoreDb({ connectionString: server.connectionString })
  await exportLog(store, again)
  await store.close()
  assert.equal(await readFile(again, 'utf8'), await readFile(file, 'utf8'))
})
