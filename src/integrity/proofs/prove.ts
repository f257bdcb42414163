import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { KeyData } from '../checkpoints/events.ts'
import { LogDigest } from '../checkpoints/log-digest.ts'
import { readCheckpoints, type SignedCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { eventHash } from '../hash-chain/event-hash.ts'
import { KeyChain } from '../keys/key-chain.ts'
import type { PublicKey } from '../keys/signing-key.ts'
import type { InclusionProof, ProvenEvent } from './inclusion-proof.ts'

export interface ProveOptions {
  /** The key that the proof is to hold for, where there is a checkpoint that it signed or vouches for. */
  readonly publicKey?: PublicKey | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

/** It cannot be proven, for the reason that the message gives. */
export class Unprovable extends Error {
  override readonly name = 'Unprovable'
}

const proven = ({ stream, revision, id, type, data, metadata }: RecordedEvent): ProvenEvent =>
  ({ stream, revision, id, type, data, metadata }) as ProvenEvent

const TELL_EVERY = 1000

/**
 * Makes the proof that an event is in the log, as of the first checkpoint that covers it.
 *
 * @param isMeant tells the event
 * @throws Unprovable where there is no such event, no checkpoint covers it, or the log is not what was signed
 */
export const proveEvent = async (
  store: EventStore,
  isMeant: (event: RecordedEvent) => boolean,
  { publicKey, onProgress, signal }: ProveOptions,
): Promise<InclusionProof> => {
  const { checkpoints, keys, findings } = await readCheckpoints(store, new KeyChain(publicKey))
  if (findings[0] !== undefined)
    throw new Unprovable(`${findings[0].place}: ${findings[0].fault}: run hark audit verify`)
  const ahead = [...checkpoints]
  const digest = new LogDigest()
  const story: RecordedEvent[] = []
  for await (const event of store.readAll({ from: BEGINNING, prefixes: LOG_PREFIXES })) {
    signal.throwIfAborted()
    const { stream, revision, position, time } = event
    digest.add({ stream, place: digest.placeOf(stream), revision, position, time, hash: eventHash(event) })
    if (story.length === 0 ? isMeant(event) : stream === story[0]?.stream) story.push(event)
    while (ahead[0]?.data.events === digest.events) {
      const checkpoint = ahead.shift() as SignedCheckpoint
      digest.cover(digest.events)
      const isBetterAhead = !checkpoint.isTrusted && ahead.some(({ isTrusted }) => isTrusted)
      if (story.length > 0 && !isBetterAhead) return proofOf(story, digest, checkpoint, keys)
    }
    if (digest.events % TELL_EVERY === 0) onProgress(position, digest.events)
  }
  throw new Unprovable(
    story.length === 0 ? 'there is no such event' : 'no checkpoint covers it yet: one is signed every so often',
  )
}

const proofOf = (
  story: readonly RecordedEvent[],
  digest: LogDigest,
  { id, data }: SignedCheckpoint,
  keys: readonly KeyData[],
): InclusionProof => {
  const [event, ...after] = story.map(proven) as [ProvenEvent, ...ProvenEvent[]]
  if (digest.tree.root !== data.root)
    throw new Unprovable(`the log is not what checkpoint ${id} says of it: run hark audit verify`)
  const path = digest.pathOf(event.stream)
  if (path === undefined) throw new Unprovable('there is no such event')
  const signer = keys.findIndex(({ newKeyId }) => newKeyId === data.keyId)
  return {
    format: 'hark-inclusion-proof-1',
    event,
    after,
    path: { ...path, siblings: [...path.siblings] },
    checkpoint: data,
    keys: keys.slice(0, signer + 1),
  }
}
