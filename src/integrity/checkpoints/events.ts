import { randomUUID } from 'node:crypto'
import type { DomainEvent, EventData } from '../../../schemas/events/events.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import type { EventToAppend } from '../../event-store/event-store.ts'
import type { Hash } from '../hash-chain/event-hash.ts'
import type { PublicKey, SigningKey } from '../keys/signing-key.ts'
import type { Covered } from './log-digest.ts'

type CheckpointEvent = 'CheckpointSigned' | 'SigningKeyIntroduced'

/** What Hark itself does to the log has nobody else for an actor. */
const toAppend = ({ type, data }: DomainEvent<CheckpointEvent>): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { schemaVersion: schemaVersion(type), actor: 'agent', via: 'agent', correlationId: randomUUID() },
})

/** What a checkpoint says of the log. */
export interface Digest extends Covered {
  readonly streams: number
  readonly root: Hash
}

/** Says of the log what it is, as far as a digest covers it. */
export const checkpointSigned = (
  { events, logHash, streams, root }: Digest,
  key: SigningKey,
  time: Date,
): EventToAppend => {
  const said = { events, logHash, streams, root, time: time.toISOString() }
  return toAppend({ type: 'CheckpointSigned', data: key.sign('CheckpointSigned', said) })
}

/** Has a key sign from here on. The one that signed until then vouches for it; the first one for itself. */
export const keyIntroduced = (key: PublicKey, by: SigningKey, time: Date): EventToAppend => {
  const said = { publicKey: key.text, newKeyId: key.id, time: time.toISOString() }
  return toAppend({ type: 'SigningKeyIntroduced', data: by.sign('SigningKeyIntroduced', said) })
}

export type CheckpointData = EventData<'CheckpointSigned'>
export type KeyData = EventData<'SigningKeyIntroduced'>
