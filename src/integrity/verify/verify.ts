import { existsSync } from 'node:fs'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { CheckpointStore, type RememberedCheckpoint } from '../checkpoints/checkpoint-store.ts'
import type { CheckpointData } from '../checkpoints/events.ts'
import { readCheckpoints, type SignedCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { KeyChain } from '../keys/key-chain.ts'
import type { PublicKey } from '../keys/signing-key.ts'
import { mustBelongTogether } from '../same-log.ts'
import type { Finding } from './finding.ts'
import { LogVerifier } from './log-verifier.ts'

/** A checkpoint that somebody has kept: its id, and what it said where that was kept as well. */
export interface KeptCheckpoint {
  readonly id: string
  readonly data?: CheckpointData | undefined
}

export interface AuditOptions {
  /** The key that is known to be right; without one the first that the log introduces is taken for it. */
  readonly publicKey: PublicKey | undefined
  /** The newest checkpoint is to be signed by that key, or by one that it vouches for. */
  readonly mustBeSigned?: boolean
  /** The log must have it. Where its id alone was kept, what it covers is not looked at. */
  readonly since?: KeptCheckpoint | undefined
  /** The file that remembers the newest checkpoint, which may not be there. */
  readonly memoryFile?: string | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface VerificationResult {
  readonly events: number
  readonly checkpoints: number
  /** How many events are vouched for by a key that is trusted; those after them are too new. */
  readonly signedEvents: number
  readonly keyId: string | undefined
  readonly findings: readonly Finding[]
}

interface Memory {
  readonly newest?: RememberedCheckpoint | undefined
  readonly firstEvent?: string | undefined
  readonly fault?: Finding
}

const remembered = (file: string | undefined): Memory => {
  if (file === undefined || !existsSync(file)) return {}
  try {
    const memory = new CheckpointStore(file, true)
    try {
      return { newest: memory.newest, firstEvent: memory.firstEvent }
    } finally {
      memory.close()
    }
  } catch (error) {
    const fault = `it cannot be read (${(error as Error).message}): what it remembers of the end of the log is not known`
    return { fault: { place: file, fault } }
  }
}

const cutOff = ({ id, events }: RememberedCheckpoint): Finding => ({
  place: 'the end of the log',
  fault: `it has no checkpoint ${id} of ${events} events, which was signed here: its end was cut off, or it is another log`,
})

/** The id of a checkpoint is not signed: what it says of the log counts. */
const isSame = (kept: Pick<CheckpointData, 'events' | 'logHash' | 'root'>, { data }: SignedCheckpoint): boolean =>
  kept.events === data.events && kept.logHash === data.logHash && kept.root === data.root

/**
 * Tells whether a log is what was signed: every event, its place and its time.
 *
 * @throws Unrelated where it is another log than the key of the folder, or what that remembers, is of
 * @throws Error where the store does not answer, or it was given up
 */
export const verifyLog = async (store: EventStore, options: AuditOptions): Promise<VerificationResult> => {
  const { publicKey, mustBeSigned = false, since, memoryFile, onProgress, signal } = options
  // First: an engine may sign another one meanwhile.
  const { newest, firstEvent, fault } = remembered(memoryFile)
  const chain = new KeyChain(publicKey)
  const { checkpoints, keys, findings } = await readCheckpoints(store, chain)
  if (findings.length === 0)
    await mustBelongTogether(
      store,
      // A key that somebody trusts must have signed it, whatever else is so.
      { keyIds: [mustBeSigned ? undefined : publicKey?.id, newest?.keyId, since?.data?.keyId], firstEvent },
      keys.map(({ newKeyId }) => newKeyId),
    )
  const found = [...(fault ? [fault] : []), ...findings]
  if (publicKey !== undefined && chain.current !== undefined && !chain.hasTrusted)
    found.push({ place: 'the checkpoints', fault: `key ${publicKey.id} is none of those that sign this log` })
  const trusted = checkpoints.findLast(({ isTrusted }) => isTrusted)
  if (mustBeSigned && (trusted === undefined || trusted !== checkpoints.at(-1)))
    found.push({
      place: 'the checkpoints',
      fault: `the newest is not signed by key ${publicKey?.id}, or by one that it vouches for`,
    })
  const has = ({ id, ...kept }: RememberedCheckpoint): boolean =>
    checkpoints.some(checkpoint => checkpoint.id === id && isSame(kept, checkpoint))
  if (newest !== undefined && !has(newest)) found.push(cutOff(newest))
  const isKept = (kept: KeptCheckpoint, checkpoint: SignedCheckpoint): boolean =>
    kept.id === checkpoint.id && (kept.data === undefined ? checkpoint.isTrusted : isSame(kept.data, checkpoint))
  const begin = since && checkpoints.find(checkpoint => isKept(since, checkpoint))
  if (since !== undefined && begin === undefined)
    found.push({
      place: `checkpoint ${since.id}`,
      fault: 'the log does not have it: it was cut off, or is another log',
    })
  // What was kept whole is compared with; what is known by its id alone only says where to begin.
  const skipped = since?.data === undefined ? begin : undefined
  const log = await new LogVerifier(store, { checkpoints, since: skipped, onProgress, signal }).verify()
  return {
    events: log.events,
    checkpoints: checkpoints.length,
    signedEvents: trusted?.data.events ?? 0,
    keyId: chain.current?.id,
    findings: [...found, ...log.findings],
  }
}
