import { z } from 'zod'
import { auditEvents } from '../../../schemas/events/audit.ts'
import { eventMetadata, sha256 } from '../../../schemas/events/recorded-event.ts'
import { headLeaf } from '../checkpoints/log-digest.ts'
import { rootOf } from '../checkpoints/merkle-tree.ts'
import { eventHash, type Hash } from '../hash-chain/event-hash.ts'
import { KeyChain } from '../keys/key-chain.ts'
import type { PublicKey } from '../keys/signing-key.ts'
import { VerificationError } from '../verify/finding.ts'

const event = z.strictObject({
  stream: z.string(),
  revision: z.int().min(0),
  id: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  // Loose, because other versions of Hark may store other fields.
  metadata: z.looseObject({ previousHash: eventMetadata.shape.previousHash }),
})

/** Needs no store. */
export const inclusionProof = z.strictObject({
  format: z.literal('hark-inclusion-proof-1'),
  event,
  /** Later covered events of the stream; each links to its predecessor. */
  after: z.array(event),
  path: z.strictObject({ index: z.int().min(0), size: z.int().min(1), siblings: z.array(sha256) }),
  checkpoint: auditEvents.CheckpointSigned.data,
  keys: z.array(auditEvents.SigningKeyIntroduced.data),
})
export type InclusionProof = z.output<typeof inclusionProof>
export type ProvenEvent = z.output<typeof event>

const hashOf = (proven: ProvenEvent): Hash => eventHash(proven as Parameters<typeof eventHash>[0])

export const verifyProof = (proof: InclusionProof, publicKey: PublicKey): void => {
  verifyLinks(proof)
  verifyPath(proof)
  const chain = new KeyChain(publicKey)
  for (const key of proof.keys) chain.introduce(key)
  if (!chain.isTrusted)
    throw new VerificationError(`key ${publicKey.id} neither signed the checkpoint nor introduced the key that did`)
  chain.verify('CheckpointSigned', proof.checkpoint)
}

const verifyLinks = ({ event, after }: InclusionProof): void => {
  let [last, hash] = [event, hashOf(event)]
  for (const next of after) {
    if (next.stream !== last.stream || next.revision !== last.revision + 1)
      throw new VerificationError(
        `revision ${next.revision} of ${next.stream} does not follow revision ${last.revision} of ${last.stream}`,
      )
    if (next.metadata.previousHash !== hash)
      throw new VerificationError(
        `the hash of revision ${last.revision} of ${last.stream} is not the one in the next revision`,
      )
    last = next
    hash = hashOf(next)
  }
}

const verifyPath = ({ event, after, path, checkpoint }: InclusionProof): void => {
  const head = after.at(-1) ?? event
  const root = rootOfPath(headLeaf({ stream: head.stream, revision: head.revision, hash: hashOf(head) }), path)
  if (root !== checkpoint.root || path.size !== checkpoint.streams)
    throw new VerificationError('its path does not lead to the root of the checkpoint')
}

const rootOfPath = (leaf: string, path: InclusionProof['path']): Hash => {
  try {
    return rootOf(leaf, path)
  } catch (error) {
    throw new VerificationError(`its path is not valid: ${(error as Error).message}`)
  }
}
