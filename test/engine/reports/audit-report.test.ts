import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { HarkError } from '../../../schemas/errors.ts'
import { createEngine } from '../../../src/engine/create-engine.ts'
import { connectInThisThread } from '../../../src/engine/history/recorder.ts'
import type { AuditReport } from '../../../src/engine/reports/types.ts'
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/store.ts'
import { FakeEventStoreDb } from '../../fakes/eventstoredb/fake.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

/** The words of all entries, page by page. */
const wordsOf = async (report: AuditReport, first: number): Promise<string[]> => {
  const words: string[] = []
  for (let after: number | undefined; ; ) {
    const { entries, hasNextPage } = await report.entries({ first, after })
    words.push(...entries.map(entry => `${entry.actor} ${entry.words}`))
    if (!hasNextPage) return words
    after = entries.at(-1)?.position
  }
}

test('audit report › reads entries, refusals and windows of positions from EventStoreDB', async () => {
  await using double = await new FakeEventStoreDb().start()
  await using folder = await scratchFolder()
  const store = openEventStoreDb({ connectionString: double.connectionString, onLoss: () => {} })
  const engine = createEngine({
    store,
    readModelFile: join(folder.path, 'read-models.db'),
    logger: silentLogger,
    connectHistory: connectInThisThread,
  })
  try {
    await engine.whenReady()
    const caller = { actor: 'alice', via: 'graphql' as const, correlationId: randomUUID() }
    const refused = { command: 'updatePort', input: { namespace: 'west', name: 'a' }, caller }
    const refuse = () => engine.refused({ ...refused, error: new HarkError('NOT_FOUND', 'no') })
    assert.deepEqual(await wordsOf(await engine.read.audit({}), 1), [])
    await engine.execute(createListener('a'), { caller })
    await refuse()
    const moved = await engine.execute(updatePort('a', 9090), { caller })
    await refuse()
    await refuse()

    const all = ['created', 'refused: update port', 'changed the port', 'refused: update port', 'refused: update port']
    const whole = await engine.read.audit({})
    await refuse()
    for (const first of [1, 2, 5, 9])
      assert.deepEqual(
        await wordsOf(whole, first),
        all.map(words => `alice ${words}`),
      )
    const { changes, refusals } = await whole.summary()
    assert.deepEqual([changes, refusals], [2, 3])
    const between = await engine.read.audit({
      from: { position: moved.position - 1 },
      to: { position: moved.position },
    })
    assert.deepEqual(await wordsOf(between, 1), ['alice changed the port'])
    assert.equal((await between.window()).position, moved.position)
    const now = { time: new Date(Date.now() + 60_000).toISOString() }
    assert.equal((await wordsOf(await engine.read.audit({ to: now }), 2)).length, 6)
    const { rows } = await whole.availability({ first: 10 })
    assert.deepEqual(
      rows.map(({ row }) => [row.namespace, row.name]),
      [['west', 'a']],
    )
  } finally {
    await engine.close()
    await store.close()
  }
})
