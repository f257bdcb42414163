import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { type PublicKey, SigningKey } from '../../src/integrity/keys/signing-key.ts'
import { type InclusionProof, inclusionProof, verifyProof } from '../../src/integrity/proofs/inclusion-proof.ts'
import { proveEvent } from '../../src/integrity/proofs/prove.ts'
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

const prove = (position: number): Promise<InclusionProof> =>
  log.withStore(store =>
    proveEvent(store, event => event.position === position, {
      onProgress: () => {},
      signal: new AbortController().signal,
    }),
  )

/** As somebody else has it, who was sent it. */
const sent = (proof: InclusionProof): InclusionProof => inclusionProof.parse(JSON.parse(JSON.stringify(proof)))

describe('a proof', () => {
  test('holds for each event that a checkpoint covers, without the store', async () => {
    for (const { position, id } of events.slice(0, -1)) {
      const proof = sent(await prove(position))
      assert.equal(proof.event.id, id)
      assert.equal(verifyProof(proof, key), undefined, `${position}`)
    }
  })

  test('is not to be had of what no checkpoint covers, nor of what is not there', async () => {
    await assert.rejects(prove(events.at(-1)?.position as number), /no checkpoint covers it yet/)
    await assert.rejects(prove(100_000), /there is no such event/)
  })

  test('proves nothing where anything in it was changed', async () => {
    const proof = sent(await prove(events.find(({ type }) => type === 'PortUpdated')?.position as number))
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
      assert.notEqual(
        verifyProof(changed, key),
        undefined,
        `${text.slice(at - 20, at)}[${now}]${text.slice(at + 1, at + 20)}`,
      )
    }
    assert.ok(tried > 1000)
  })

  test('proves nothing to whoever trusts another key', async () => {
    const proof = sent(await prove(3))
    assert.match(verifyProof(proof, SigningKey.generate().public) ?? '', /neither signed the checkpoint nor vouches/)
  })

  test('proves nothing of an event that is put in the place of another', async () => {
    const [first, second] = [await prove(3), await prove(5)]
    assert.notEqual(verifyProof({ ...first, event: second.event }, key), undefined)
  })
})
