import { existsSync } from 'node:fs'
import type { Position } from '../../schemas/recorded-event.ts'
import type { EventStore } from '../store/event-store.ts'
import type { CheckpointData } from './checkpoint-events.ts'
import { CheckpointMemory, type RememberedCheckpoint } from './checkpoint-memory.ts'
import type { Finding } from './finding.ts'
import { KeyChain } from './key-chain.ts'
import { readCheckpoints, type SignedCheckpoint } from './signed-checkpoints.ts'
import type { PublicKey } from './signing-key.ts'
import { LogWalk } from './verify-log.ts'

/** A checkpoint that somebody has kept: its id, and what it said where that was kept as well. */
export interface KeptCheckpoint {
  readonly id: string
  readonly data?: CheckpointData | undefined
}

export interface AuditOptions {
  /** The key that is known to be right; without one the first that the log introduces is taken for it. */
  readonly publicKey: PublicKey | undefined
  /** What this one covers is taken as right, provided that the log has it. */
  readonly since?: KeptCheckpoint | undefined
  /** The file that remembers the newest checkpoint, which may not be there. */
  readonly memoryFile?: string | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface Audited {
  readonly events: number
  readonly checkpoints: number
  /** How many events are vouched for by a key that is trusted; those after them are too new. */
  readonly signedEvents: number
  readonly keyId: string | undefined
  readonly findings: readonly Finding[]
}

const remembered = (file: string | undefined): RememberedCheckpoint | undefined => {
  if (file === undefined || !existsSync(file)) return undefined
  const memory = new CheckpointMemory(file, true)
  try {
    return memory.newest
  } finally {
    memory.close()
  }
}

const cutOff = ({ id, events }: RememberedCheckpoint): Finding => ({
  place: 'the end of the log',
  fault: `it has no checkpoint ${id} of ${events} events, which was signed here: its end was cut off, or it is another log`,
})

const isSame = (kept: CheckpointData, { data }: SignedCheckpoint): boolean =>
  kept.events === data.events && kept.logHash === data.logHash && kept.root === data.root

/**
 * Tells whether a log is what was signed: every event, its place and its time.
 *
 * @throws Error where the store does not answer, or it was given up
 */
export const auditLog = async (store: EventStore, options: AuditOptions): Promise<Audited> => {
  const { publicKey, since, memoryFile, onProgress, signal } = options
  const chain = new KeyChain(publicKey)
  const { checkpoints, findings } = await readCheckpoints(store, chain)
  const found = [...findings]
  if (publicKey !== undefined && chain.current !== undefined && !chain.hasTrusted)
    found.push({
      place: 'the checkpoints',
      fault: `key ${publicKey.id} is none of those that sign this log`,
    })
  const newest = remembered(memoryFile)
  if (newest !== undefined && !checkpoints.some(({ id }) => id === newest.id)) found.push(cutOff(newest))
  const begin = since && checkpoints.find(({ id }) => id === since.id)
  if (since !== undefined && (begin === undefined || (since.data !== undefined && !isSame(since.data, begin))))
    found.push({
      place: `checkpoint ${since.id}`,
      fault: 'the log does not have it: it was cut off, or is another log',
    })
  const walk = new LogWalk(store, { checkpoints, since: begin, onProgress, signal })
  const walked = await walk.walk()
  const trusted = checkpoints.findLast(({ isTrusted }) => isTrusted)
  return {
    events: walked.events,
    checkpoints: checkpoints.length,
    signedEvents: trusted?.data.events ?? 0,
    keyId: chain.current?.id,
    findings: [...found, ...walked.findings],
  }
}
