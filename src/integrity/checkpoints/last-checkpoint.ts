import type { Position } from '../../../schemas/events/recorded-event.ts'
import { CHECKPOINTS_STREAM } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import type { CheckpointData } from './events.ts'

export interface LastCheckpoint extends Pick<CheckpointData, 'events' | 'time' | 'keyId'> {
  readonly position: Position
}

/**
 * Does not verify the signature.
 *
 * @throws StoreUnavailable or StoreCorrupted
 */
export const lastCheckpoint = async (store: EventStore): Promise<LastCheckpoint | undefined> => {
  for await (const { type, data, position } of store.readStream(CHECKPOINTS_STREAM, { direction: 'backward' })) {
    if (type !== 'CheckpointSigned') continue
    const { events, time, keyId } = data as CheckpointData
    return { position, events, time, keyId }
  }
  return undefined
}
