import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rotateKey } from '../../src/integrity/keys/rotate-key.ts'
import type { PublicKey } from '../../src/integrity/keys/signing-key.ts'
import { verifyProof } from '../../src/integrity/proofs/inclusion-proof.ts'
import { proveEvent } from '../../src/integrity/proofs/prove.ts'
import { createListener } from '../support/commands.ts'
import { SignedLog } from '../support/signed-log.ts'
import { ALICE } from '../support/test-engine.ts'

it('proveEvent › proves an early event to holders of the first key and of the key that replaced it', async () => {
  await using log = await SignedLog.create()
  await log.fill()
  const old = log.keys.read()?.public as PublicKey
  await log.withStore(store => rotateKey(store, log.keys, false), 'write')
  await log.run(({ engine }) => engine.execute(createListener('late'), { caller: ALICE }))
  const current = log.keys.read()?.public as PublicKey
  assert.notEqual(current.id, old.id)
  for (const publicKey of [old, current]) {
    const options = { publicKey, onProgress: () => {}, signal: new AbortController().signal }
    const proof = await log.withStore(store => proveEvent(store, ({ position }) => position === 3, options))
    assert.equal(proof.checkpoint.keyId, publicKey.id)
    verifyProof(proof, publicKey)
  }
})
