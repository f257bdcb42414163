import { EVENTS, type EventData } from '../../../schemas/events/events.ts'
import { CHECKPOINTS_STREAM } from '../../../schemas/events/streams.ts'
import { type EventStore, placeText, StoreCorrupted } from '../../event-store/event-store.ts'
import type { KeyChain } from '../keys/key-chain.ts'
import type { Finding } from '../verify/finding.ts'
import type { CheckpointData } from './events.ts'

/** A checkpoint whose signature is right. */
export interface SignedCheckpoint {
  /** The id of its event. */
  readonly id: string
  readonly data: CheckpointData
  /** Whether the key that signed it is trusted. */
  readonly isTrusted: boolean
}

export interface SignedCheckpoints {
  readonly checkpoints: readonly SignedCheckpoint[]
  /** As the log introduces them. */
  readonly keys: readonly EventData<'SigningKeyIntroduced'>[]
  readonly findings: readonly Finding[]
}

/** Reads which checkpoints a log has, and holds each to its signature, and to covering no less than the one before it. */
export const readCheckpoints = async (store: EventStore, chain: KeyChain): Promise<SignedCheckpoints> => {
  const checkpoints: SignedCheckpoint[] = []
  const keys: EventData<'SigningKeyIntroduced'>[] = []
  const findings: Finding[] = []
  try {
    for await (const event of store.readStream(CHECKPOINTS_STREAM)) {
      const place = placeText(event)
      const tell = (fault: string | undefined): boolean => {
        if (fault !== undefined) findings.push({ place, fault })
        return fault === undefined
      }
      if (event.type === 'SigningKeyIntroduced') {
        const { success, data } = EVENTS.SigningKeyIntroduced.data.safeParse(event.data)
        if (success) keys.push(data)
        tell(success ? chain.introduce(data) : 'it is no introduction of a key')
      } else if (event.type === 'CheckpointSigned') {
        const { success, data } = EVENTS.CheckpointSigned.data.safeParse(event.data)
        if (!success) tell('it is no checkpoint')
        else if (tell(chain.faultOf('CheckpointSigned', data)) && tell(faultAfter(checkpoints.at(-1), data)))
          checkpoints.push({ id: event.id, data, isTrusted: chain.isTrusted })
      } else tell(`${event.type} has no place among checkpoints`)
    }
  } catch (error) {
    if (!(error instanceof StoreCorrupted)) throw error
    findings.push({ place: placeText(error.place), fault: error.fault })
  }
  return { checkpoints, keys, findings }
}

const faultAfter = (before: SignedCheckpoint | undefined, { events }: CheckpointData): string | undefined =>
  before !== undefined && events < before.data.events
    ? `it covers ${events} events, and the one before it ${before.data.events}`
    : undefined
