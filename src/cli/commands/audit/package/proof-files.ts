import { headLeaf } from '../../../../integrity/checkpoints/log-digest.ts'
import { stepsOf } from '../../../../integrity/checkpoints/merkle-tree.ts'
import { canonicalEvent, eventHash } from '../../../../integrity/hash-chain/event-hash.ts'
import { signedBytes } from '../../../../integrity/keys/signing-key.ts'
import type { InclusionProof } from '../../../../integrity/proofs/inclusion-proof.ts'
import type { ZipEntry } from '../../../archives/zip.ts'

const checkpointName = ({ checkpoint }: InclusionProof): string => `checkpoints/${checkpoint.root}`

export const checkpointFiles = (proof: InclusionProof): readonly ZipEntry[] => {
  const { signature, ...data } = proof.checkpoint
  const name = checkpointName(proof)
  return [
    { name: `${name}.json`, content: signedBytes('CheckpointSigned', data) },
    { name: `${name}.sig`, content: Buffer.from(signature, 'base64url') },
  ]
}

type Hashed = Parameters<typeof eventHash>[0]

/** In the parts that are hashed, so that no program has to parse JSON, and whole for Hark. */
export const proofFiles = (proof: InclusionProof): readonly ZipEntry[] => {
  const folder = `proofs/${proof.event.id}`
  const events = [proof.event, ...proof.after] as unknown as readonly Hashed[]
  const head = events.at(-1) as Hashed
  const digits = String(events.length).length
  return [
    { name: `${folder}/proof.json`, content: `${JSON.stringify(proof, null, 2)}\n` },
    ...events.map((event, index) => ({
      name: `${folder}/event-${String(index + 1).padStart(digits, '0')}.json`,
      content: canonicalEvent(event),
    })),
    { name: `${folder}/leaf.json`, content: headLeaf({ ...head, hash: eventHash(head) }) },
    {
      name: `${folder}/path.txt`,
      content: stepsOf(proof.path)
        .map(({ side, sibling }) => `${side} ${sibling}\n`)
        .join(''),
    },
    { name: `${folder}/checkpoint.txt`, content: `${checkpointName(proof)}\n` },
  ]
}
