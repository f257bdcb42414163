import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { Checkpointer } from '../../src/integrity/checkpoints/checkpointer.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { createListener } from '../support/commands.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'

const remembered = (log: SignedLog) => {
  const memory = new CheckpointStore(log.checkpointFile)
  try {
    return { newest: memory.newest, heads: memory.heads(0, 1000) }
  } finally {
    memory.close()
  }
}

/** Signs a log for as long as `work` takes. */
const signing = async (log: SignedLog, work: (checkpointer: Checkpointer) => Promise<void>): Promise<void> => {
  const store = chainedStore(openSqliteEventStore({ file: log.eventFile }))
  const { keys, checkpointFile } = log
  const checkpointer = new Checkpointer({
    store,
    keys,
    checkpointFile,
    everyMs: 1_000_000_000,
    logger: silentLogger,
  })
  try {
    checkpointer.start()
    await work(checkpointer)
  } finally {
    await checkpointer.close()
    await store.close()
  }
}

const isSigning = (checkpointer: Checkpointer) => eventually(() => checkpointer.status.isSigning)

describe('Checkpointer after a restart', () => {
  it('rebuilds the same checkpoint file from the log', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    await log.run(({ engine }) => engine.execute(createListener('e'), { caller: ALICE }))
    const known = remembered(log)
    assert.ok((known.newest?.events ?? 0) > 0)
    await rm(log.checkpointFile)
    await signing(log, isSigning)
    assert.deepEqual(remembered(log), known)
  })

  it('appends nothing if there are no new events', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    const known = remembered(log)
    await signing(log, isSigning)
    assert.deepEqual(remembered(log), known)
  })

  it('reports when the log was last signed, and signs only once it has reached the end', async () => {
    await using log = await SignedLog.create()
    await signing(log, async checkpointer => {
      assert.deepEqual(checkpointer.status, { isSigning: false, signedAt: undefined })
      await isSigning(checkpointer)
    })
    const begun = new Date().toISOString()
    await log.fill()
    await signing(log, async checkpointer => {
      assert.equal(checkpointer.status.isSigning, false)
      await isSigning(checkpointer)
      const { signedAt = '' } = checkpointer.status
      assert.ok(begun <= signedAt && signedAt <= new Date().toISOString(), signedAt)
    })
  })
})
