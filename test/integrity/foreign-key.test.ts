import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { decorateStore } from '../../src/event-store/decorate-store.ts'
import type { SubscribeOptions } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CheckpointSigner } from '../../src/integrity/checkpoints/checkpoint-signer.ts'
import { CheckpointStore } from '../../src/integrity/checkpoints/checkpoint-store.ts'
import { type ChainedStore, chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { rotateKey } from '../../src/integrity/keys/rotate-key.ts'
import { all } from '../contract/event-store/events.ts'
import { eventually } from '../support/eventually.ts'
import { SignedLog } from '../support/signed-log.ts'

const NEVER_MS = 1_000_000_000

interface Observed {
  readonly signer: CheckpointSigner
  readonly store: ChainedStore
  /** `isSigning` before the run, and around each batch of events. */
  readonly states: readonly boolean[]
  readonly errors: readonly string[]
  /** Resolves with the error of the run, if it has one. */
  readonly ended: Promise<Error | undefined>
}

/** Runs a signer on the log for as long as `work` takes. */
const observe = async (log: SignedLog, work: (observed: Observed) => Promise<void>): Promise<void> => {
  const sqlite = chainedStore(openSqliteEventStore({ file: log.eventFile }))
  const [states, errors]: [boolean[], string[]] = [[], []]
  const subscribe = async function* (options: SubscribeOptions) {
    for await (const batch of sqlite.subscribe(options)) {
      states.push(signer.isSigning)
      yield batch
      states.push(signer.isSigning)
    }
  }
  const store = Object.assign(decorateStore(sqlite, { subscribe }), { hashOf: sqlite.hashOf.bind(sqlite) })
  const checkpoints = new CheckpointStore(log.checkpointFile)
  const logger = { debug() {}, warn() {}, error: (_: object, message: string) => void errors.push(message) }
  const signer: CheckpointSigner = new CheckpointSigner({
    store,
    keys: log.keys,
    checkpoints,
    everyMs: NEVER_MS,
    logger,
  })
  states.push(signer.isSigning)
  const abort = new AbortController()
  const ended = signer.run(abort.signal).then(
    () => undefined,
    (error: Error) => error,
  )
  try {
    await work({ signer, store, states, errors, ended })
  } finally {
    abort.abort()
    await ended
    checkpoints.close()
    await store.close()
  }
}

/** Replaces the log by one that another key signs. */
const replaceLog = async (log: SignedLog): Promise<void> => {
  await using other = await SignedLog.create()
  await other.fill()
  for (const suffix of ['-wal', '-shm']) await rm(`${log.eventFile}${suffix}`, { force: true })
  await copyFile(other.eventFile, log.eventFile)
}

const signal = new AbortController().signal

describe('CheckpointSigner on a log that another key signs', () => {
  for (const [folder, prepare] of [
    ['without a key', async () => undefined],
    ['with a key of its own', async (log: SignedLog) => void log.keys.create()],
  ] as const)
    it(`is never signing, and appends nothing, in a data folder ${folder}`, async () => {
      await using log = await SignedLog.create()
      await prepare(log)
      await replaceLog(log)
      await observe(log, async ({ signer, store, states, errors }) => {
        const before = await all(store.readAll())
        await signer.signUpTo(before.at(-1)?.position ?? 0, signal)
        await eventually(() => states.length > 2)
        assert.deepEqual(new Set([...states, signer.isSigning]), new Set([false]))
        assert.match(errors.join(), /^no checkpoints are signed: the signing key of this log is missing/)
        assert.equal((await all(store.readAll())).length, before.length)
      })
    })

  it('is never signing in a data folder with key and checkpoints of another log', async () => {
    await using log = await SignedLog.create()
    await log.fill()
    await replaceLog(log)
    await observe(log, async ({ signer, states, ended }) => {
      assert.equal((await ended)?.name, 'TamperDetected')
      assert.deepEqual(new Set([...states, signer.isSigning]), new Set([false]))
    })
  })

  it('stops signing when another key is introduced', async () => {
    await using log = await SignedLog.create()
    await using other = await SignedLog.create()
    await observe(log, async ({ signer, store }) => {
      await eventually(() => signer.isSigning)
      await rotateKey(store, other.keys, true)
      await eventually(() => !signer.isSigning)
      const before = await all(store.readAll())
      assert.equal(await signer.signUpTo(before.at(-1)?.position ?? 0, signal), false)
      assert.equal((await all(store.readAll())).length, before.length)
    })
  })
})
