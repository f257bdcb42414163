import { randomUUID } from 'node:crypto'
import { AGENT } from '../../../schemas/events/agent.ts'
import type { DomainEvent, EventData } from '../../../schemas/events/events.ts'
import { schemaVersion } from '../../../schemas/events/upcast.ts'
import type { EventToAppend } from '../../event-store/event-store.ts'
import type { Hash } from '../hash-chain/event-hash.ts'
import type { PublicKey, SigningKey } from '../keys/signing-key.ts'
import type { Covered } from './log-digest.ts'

type CheckpointEvent = 'CheckpointSigned' | 'SigningKeyIntroduced'

const toAppend = ({ type, data }: DomainEvent<CheckpointEvent>): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { schemaVersion: schemaVersion(type), actor: AGENT, via: 'agent', correlationId: randomUUID() },
})

interface Digest extends Covered {
  readonly streams: number
  readonly root: Hash
}

export const checkpointSigned = (
  { events, logHash, streams, root }: Digest,
  key: SigningKey,
  time: Date,
): EventToAppend => {
  const data = { events, logHash, streams, root, time: time.toISOString() }
  return toAppend({ type: 'CheckpointSigned', data: key.sign('CheckpointSigned', data) })
}

export const keyIntroduced = (key: PublicKey, by: SigningKey, time: Date): EventToAppend => {
  const data = { publicKey: key.text, newKeyId: key.id, time: time.toISOString() }
  return toAppend({ type: 'SigningKeyIntroduced', data: by.sign('SigningKeyIntroduced', data) })
}

export type CheckpointData = EventData<'CheckpointSigned'>
export type KeyData = EventData<'SigningKeyIntroduced'>
