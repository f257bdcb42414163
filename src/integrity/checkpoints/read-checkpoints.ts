import { EVENTS, type EventData } from '../../../schemas/events/events.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { CHECKPOINTS_STREAM } from '../../../schemas/events/streams.ts'
import { type EventStore, formatLocation, StoreCorrupted } from '../../event-store/event-store.ts'
import type { KeyChain } from '../keys/key-chain.ts'
import { type Finding, VerificationError } from '../verify/finding.ts'
import type { CheckpointData, KeyData } from './events.ts'

export interface SignedCheckpoint {
  readonly id: string
  readonly data: CheckpointData
  readonly isTrusted: boolean
}

interface SignedCheckpoints {
  readonly checkpoints: readonly SignedCheckpoint[]
  readonly keys: readonly KeyData[]
  readonly findings: readonly Finding[]
}

const parse = <Type extends 'SigningKeyIntroduced' | 'CheckpointSigned'>(
  type: Type,
  { data }: RecordedEvent,
): EventData<Type> => {
  const parsed = EVENTS[type].data.safeParse(data)
  if (!parsed.success) throw new VerificationError(`it does not have the data of a ${type} event`)
  return parsed.data as EventData<Type>
}

/** The number of covered events must never decrease. */
export const readCheckpoints = async (store: EventStore, chain: KeyChain): Promise<SignedCheckpoints> => {
  const checkpoints: SignedCheckpoint[] = []
  const keys: KeyData[] = []
  const findings: Finding[] = []

  const read = (event: RecordedEvent): void => {
    if (event.type === 'SigningKeyIntroduced') {
      const data = parse('SigningKeyIntroduced', event)
      keys.push(data)
      chain.introduce(data)
    } else if (event.type === 'CheckpointSigned') {
      const data = parse('CheckpointSigned', event)
      chain.verify('CheckpointSigned', data)
      const before = checkpoints.at(-1)?.data.events ?? 0
      if (data.events < before)
        throw new VerificationError(`it covers ${data.events} events, and the checkpoint before it ${before}`)
      checkpoints.push({ id: event.id, data, isTrusted: chain.isTrusted })
    } else throw new VerificationError(`${event.type} is not an event of the checkpoint stream`)
  }

  try {
    for await (const event of store.readStream(CHECKPOINTS_STREAM)) {
      try {
        read(event)
      } catch (error) {
        if (!(error instanceof VerificationError)) throw error
        findings.push({ place: formatLocation(event), fault: error.message })
      }
    }
  } catch (error) {
    if (!(error instanceof StoreCorrupted)) throw error
    findings.push({ place: formatLocation(error.location), fault: error.fault })
  }
  return { checkpoints, keys, findings }
}
