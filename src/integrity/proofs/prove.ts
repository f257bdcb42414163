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

interface ProveOptions {
  /** Prefers a checkpoint signed by this key or a successor. */
  readonly publicKey?: PublicKey | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export class Unprovable extends Error {
  override readonly name = 'Unprovable'
}

const proven = ({ stream, revision, id, type, data, metadata }: RecordedEvent): ProvenEvent =>
  ({ stream, revision, id, type, data, metadata }) as ProvenEvent

const PROGRESS_EVERY = 1000

/**
 * Uses the first checkpoint that covers an event. Reads the log once.
 *
 * @throws Unprovable if the log differs from its checkpoints
 */
export async function* proveEvents(
  store: EventStore,
  matches: (event: RecordedEvent) => boolean,
  { publicKey, onProgress, signal }: ProveOptions,
): AsyncGenerator<InclusionProof> {
  const { checkpoints, keys, findings } = await readCheckpoints(store, new KeyChain(publicKey))
  if (findings[0] !== undefined)
    throw new Unprovable(`${findings[0].place}: ${findings[0].fault}: run hark audit verify`)
  const nextCheckpoints = [...checkpoints]
  const digest = new LogDigest()
  const streams = new Map<string, RecordedEvent[]>()
  let waiting: RecordedEvent[] = []
  for await (const event of store.readAll({ from: BEGINNING, prefixes: LOG_PREFIXES })) {
    signal.throwIfAborted()
    const { stream, revision, position, time } = event
    digest.add({ stream, place: digest.placeOf(stream), revision, position, time, hash: eventHash(event) })
    const isWanted = matches(event)
    if (isWanted) waiting.push(event)
    if (isWanted && !streams.has(stream)) streams.set(stream, [])
    streams.get(stream)?.push(event)
    while (nextCheckpoints[0]?.data.events === digest.events) {
      const checkpoint = nextCheckpoints.shift() as SignedCheckpoint
      digest.cover(digest.events)
      const isTrustedNext = !checkpoint.isTrusted && nextCheckpoints.some(({ isTrusted }) => isTrusted)
      if (isTrustedNext) continue
      for (const wanted of waiting) {
        const known = streams.get(wanted.stream) as RecordedEvent[]
        yield proofOf(known.slice(known.indexOf(wanted)), digest, checkpoint, keys)
      }
      waiting = []
      streams.clear()
    }
    if (digest.events % PROGRESS_EVERY === 0) onProgress(position, digest.events)
  }
}

export const proveEvent = async (
  store: EventStore,
  matches: (event: RecordedEvent) => boolean,
  options: ProveOptions,
): Promise<InclusionProof> => {
  let isThere = false
  const find = (event: RecordedEvent): boolean => {
    const isMatch = matches(event)
    isThere ||= isMatch
    return isMatch
  }
  for await (const proof of proveEvents(store, find, options)) return proof
  throw new Unprovable(
    isThere
      ? 'no checkpoint covers it yet: the engine signs them at intervals, and when it ends'
      : 'there is no such event',
  )
}

const proofOf = (
  provenStream: readonly RecordedEvent[],
  digest: LogDigest,
  { id, data }: SignedCheckpoint,
  keys: readonly KeyData[],
): InclusionProof => {
  const [event, ...after] = provenStream.map(proven) as [ProvenEvent, ...ProvenEvent[]]
  if (digest.tree.root !== data.root)
    throw new Unprovable(`the log does not match checkpoint ${id}: run hark audit verify`)
  const path = digest.pathOf(event.stream)
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
