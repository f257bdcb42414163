import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { type PublicKey, SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { type InclusionProof, inclusionProof, verifyProof } from '../../src/integrity/proofs/inclusion-proof.ts'
import { proveEvent } from '../../src/integrity/proofs/prove.ts'
import { VerificationError } from '../../src/integrity/verify/finding.ts'
import { all } from '../contract/event-store/events.ts'
import { SignedLog } from '../support/signed-log.ts'

const log = await SignedLog.create()
let events: readonly RecordedEvent[] = []
let key: PublicKey
before(async () => {
  await log.fill()
  events = await log.withStore(store => all(store.readAll()))
  key = log.keys.read()?.public as PublicKey
})
after(() => log[Symbol.asyncDispose]())

/** Proves an event, and returns the proof as it is after being sent as JSON. */
const prove = async (position: number, publicKey?: PublicKey): Promise<InclusionProof> => {
  const options = { publicKey, onProgress: () => {}, signal: new AbortController().signal }
  const proof = await log.withStore(store => proveEvent(store, event => event.position === position, options))
  return inclusionProof.parse(JSON.parse(JSON.stringify(proof)))
}

const assertInvalid = (proof: InclusionProof, message: RegExp, publicKey = key): void =>
  assert.throws(() => verifyProof(proof, publicKey), { name: 'VerificationError', message })

describe('proveEvent', () => {
  it('proves each event that a checkpoint covers', async () => {
    for (const { position, id } of events.slice(0, -1)) {
      const proof = await prove(position)
      assert.equal(proof.event.id, id)
      verifyProof(proof, key)
    }
  })

  it('rejects an event that no checkpoint covers', async () => {
    await assert.rejects(prove(events.at(-1)?.position as number), /no checkpoint covers it yet/)
  })

  it('rejects a position without an event', async () => {
    await assert.rejects(prove(100_000), /there is no such event/)
  })
})

describe('verifyProof', () => {
  it('rejects a proof of which any character was changed', async () => {
    const proof = await prove(events.find(({ type }) => type === 'PortUpdated')?.position as number)
    assert.ok(proof.after.length > 0 && proof.path.siblings.length > 0)
    const text = JSON.stringify(proof)
    let tried = 0
    for (let at = 0; at < text.length; at++) {
      const now = text[at] as string
      if (!/[0-9a-z]/i.test(now)) continue
      const other = now === '1' ? '2' : /\d/.test(now) ? '1' : now === 'a' ? 'b' : 'a'
      const changed = (() => {
        try {
          return inclusionProof.safeParse(JSON.parse(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)).data
        } catch {
          return undefined
        }
      })()
      if (changed === undefined) continue
      tried += 1
      const place = `${text.slice(at - 20, at)}[${now}]${text.slice(at + 1, at + 20)}`
      assert.throws(() => verifyProof(changed, key), VerificationError, place)
    }
    assert.ok(tried > 1000)
  })

  it('rejects a key that did not sign the checkpoint', async () => {
    assertInvalid(await prove(3), /neither signed the checkpoint nor introduced/, SigningKey.generate().public)
  })

  it('rejects another event in the place of the proven one', async () => {
    const [first, second] = [await prove(3), await prove(5)]
    assertInvalid({ ...first, event: second.event }, /does not follow|does not lead/)
  })
})
