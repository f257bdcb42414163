import assert from 'node:assert/strict'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { rotateKey } from '../../src/integrity/keys/rotate-key.ts'
import { PublicKey } from '../../src/integrity/keys/signing-key.ts'
import { all } from '../contract/event-store/events.ts'
import { updatePort } from '../support/commands.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'

const PRIVATE_KEY = 'signing-key.pem'

const filled = async (): Promise<SignedLog> => {
  const log = await SignedLog.create()
  await log.fill()
  return log
}
const move = (log: SignedLog, port: number): Promise<void> =>
  log.run(({ engine }) => engine.execute(updatePort('a', port), { caller: ALICE }))
const rotate = (log: SignedLog, isLost = false) => log.withStore(store => rotateKey(store, log.keys, isLost), 'write')

describe('signing key', () => {
  test('is created at the first start, readable by its owner only, with a public key that everyone can read', async () => {
    await using log = await filled()
    assert.equal((await stat(join(log.folder, PRIVATE_KEY))).mode & 0o777, 0o600)
    assert.equal((await stat(log.keys.publicKeyFile)).mode & 0o777, 0o644)
    const key = PublicKey.read(await readFile(log.keys.publicKeyFile, 'utf8'))
    assert.equal(key.id, log.keys.read()?.public.id)
    assert.equal(PublicKey.read(key.text).id, key.id)
  })

  test('is rejected if other users can read it, or if it is not an Ed25519 key', async () => {
    await using log = await filled()
    const file = join(log.folder, PRIVATE_KEY)
    await chmod(file, 0o640)
    assert.throws(() => log.keys.read(), /can be read by other users/)
    await writeFile(file, 'no key')
    await chmod(file, 0o600)
    assert.throws(() => log.keys.read(), /must contain an Ed25519 private key/)
  })

  test('signs its successor, so that the old and the new public key verify the log', async () => {
    await using log = await filled()
    const first = log.keys.read()?.public
    const { from, to } = await rotate(log)
    assert.equal(from, first?.id)
    await move(log, 20)
    assert.equal(log.keys.read()?.public.id, to)
    for (const publicKey of [first, log.keys.read()?.public]) {
      const audited = await log.audit({ publicKey })
      assert.deepEqual(audited.findings, [])
      assert.equal(audited.keyId, to)
      assert.equal(audited.signedEvents, audited.events - 1)
    }
    assert.ok(!(await log.files()).some(file => file.includes('next') || file.endsWith('.new')))
  })

  test('is replaced at the next start if a rotation was interrupted', async () => {
    await using log = await filled()
    const { to } = await rotate(log)
    const [key, pub] = [join(log.folder, PRIVATE_KEY), log.keys.publicKeyFile]
    const text = await readFile(key, 'utf8')
    // The state before the new key replaces the old one.
    await writeFile(join(log.folder, 'signing-key.next.pem'), text, { mode: 0o600 })
    await rm(key)
    await rm(pub)
    await move(log, 21)
    const { findings, keyId } = await log.audit()
    assert.deepEqual(findings, [])
    assert.equal(keyId, to)
  })

  test('signs nothing if it is not the key of the log, and leaves later events unsigned', async () => {
    await using log = await filled()
    await rm(join(log.folder, PRIVATE_KEY))
    const before = await log.audit()
    await move(log, 22)
    const { findings, signedEvents, events } = await log.audit()
    assert.deepEqual(findings, [])
    assert.equal(signedEvents, before.signedEvents)
    // PortUpdated and EndpointReserved.
    assert.equal(events, before.events + 2)
    await assert.rejects(rotate(log), /is missing/)
  })

  test('is reported if the previous key did not sign it, unless it is the trusted key', async () => {
    await using log = await filled()
    const first = log.keys.read()?.public
    await rm(join(log.folder, PRIVATE_KEY))
    const { to } = await rotate(log, true)
    await move(log, 23)
    assert.match((await log.audit({ publicKey: first })).findings[0]?.fault ?? '', /was introduced without a signature/)
    assert.match(
      (await log.audit({ publicKey: undefined })).findings[0]?.fault ?? '',
      /was introduced without a signature/,
    )
    const trusting = await log.audit({ publicKey: log.keys.read(to)?.public })
    assert.deepEqual(trusting.findings, [])
    assert.equal(trusting.signedEvents, trusting.events - 1)
  })
})

describe('Checkpointer', () => {
  test('signs new events at its interval', async () => {
    await using log = await SignedLog.create()
    const signed = (store: Parameters<Parameters<SignedLog['run']>[0]>[0]['store']) =>
      all(store.readStream('audit-checkpoints'))
    await log.run(async ({ store }) => {
      const until = async (count: number) => {
        while ((await signed(store)).length < count) await new Promise(resolve => setTimeout(resolve, 2))
      }
      // The event that introduces the key, and the checkpoint over it.
      await until(2)
      const { length } = await signed(store)
      await store.append('listener-west.x', -1, [
        {
          id: 'a5a5a5a5-0000-4000-8000-000000000001',
          type: 'ListenerDeleted',
          data: { namespace: 'west', name: 'x', uid: 'u' },
          metadata: { schemaVersion: 1, actor: 'alice', via: 'cli', correlationId: ALICE.correlationId },
        },
      ])
      await until(length + 1)
      const last = (await signed(store)).at(-1)?.data as { readonly events: number } | undefined
      assert.equal(last?.events, length + 1)
    }, 5)
    assert.deepEqual((await log.audit()).findings, [])
  })

  test('signs nothing on a log that lacks its last checkpoint', async () => {
    await using log = await filled()
    const { events } = await log.audit()
    log.damage(
      `DELETE FROM events WHERE position > ${events - 3}; DELETE FROM stream_index; UPDATE stream_index_progress SET position = 0`,
    )
    await log.run(async () => undefined)
    const { findings, checkpoints } = await log.audit()
    assert.equal(checkpoints, 1)
    assert.match(findings[0]?.fault ?? '', /the log was truncated/)
  })
})
