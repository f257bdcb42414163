import { z } from 'zod'
import { auditEvents } from '../../../schemas/events/audit.ts'
import { eventMetadata, sha256 } from '../../../schemas/events/recorded-event.ts'
import { headLeaf } from '../checkpoints/log-digest.ts'
import { rootOf } from '../checkpoints/merkle-tree.ts'
import { eventHash, type Hash } from '../hash-chain/event-hash.ts'
import { KeyChain } from '../keys/key-chain.ts'
import type { PublicKey } from '../keys/signing-key.ts'

const event = z.strictObject({
  stream: z.string(),
  revision: z.int().min(0),
  id: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  // As it was written, whichever version of Hark knows it.
  metadata: z.looseObject({ previousHash: eventMetadata.shape.previousHash }),
})

/** What shows, without the store, that a log had an event when a checkpoint of it was signed. */
export const inclusionProof = z.strictObject({
  format: z.literal('hark-inclusion-proof-1'),
  event,
  /** Those after it in its stream, up to the last one that the checkpoint covers: each holds the hash of the one before. */
  after: z.array(event),
  /** From the head of the stream to the root. */
  path: z.strictObject({ index: z.int().min(0), size: z.int().min(1), siblings: z.array(sha256) }),
  checkpoint: auditEvents.CheckpointSigned.data,
  /** From the first key to the one that signed the checkpoint. */
  keys: z.array(auditEvents.SigningKeyIntroduced.data),
})
export type InclusionProof = z.output<typeof inclusionProof>
export type ProvenEvent = z.output<typeof event>

const hashOf = (proven: ProvenEvent): Hash => eventHash(proven as Parameters<typeof eventHash>[0])

const faultOfLinks = ({ event, after }: InclusionProof): string | undefined => {
  let [last, hash] = [event, hashOf(event)]
  for (const next of after) {
    if (next.stream !== last.stream || next.revision !== last.revision + 1)
      return `revision ${next.revision} of ${next.stream} does not follow revision ${last.revision} of ${last.stream}`
    if (next.metadata.previousHash !== hash)
      return `revision ${last.revision} of ${last.stream} is not what the one after it says it is`
    last = next
    hash = hashOf(next)
  }
  return undefined
}

/** What is wrong with a proof, in words; undefined where it holds for whoever trusts the key. */
export const verifyProof = (proof: InclusionProof, publicKey: PublicKey): string | undefined => {
  const { event, after, path, checkpoint, keys } = proof
  const fault = faultOfLinks(proof)
  if (fault !== undefined) return fault
  const head = after.at(-1) ?? event
  try {
    const root = rootOf(headLeaf({ stream: head.stream, revision: head.revision, hash: hashOf(head) }), path)
    if (root !== checkpoint.root || path.size !== checkpoint.streams)
      return 'it does not lead to the root of the checkpoint'
  } catch (error) {
    return `its path leads nowhere: ${(error as Error).message}`
  }
  const chain = new KeyChain(publicKey)
  for (const key of keys) {
    const wrong = chain.introduce(key)
    if (wrong !== undefined) return wrong
  }
  if (!chain.isTrusted) return `key ${publicKey.id} neither signed the checkpoint nor vouches for the key that did`
  return chain.faultOf('CheckpointSigned', checkpoint)
}
