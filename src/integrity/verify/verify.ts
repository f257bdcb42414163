import { existsSync } from 'node:fs'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { CheckpointStore, type StoredCheckpoint } from '../checkpoints/checkpoint-store.ts'
import type { CheckpointData } from '../checkpoints/events.ts'
import { readCheckpoints, type SignedCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { KeyChain } from '../keys/key-chain.ts'
import type { PublicKey } from '../keys/signing-key.ts'
import type { Finding } from './finding.ts'
import { assertSameLog } from './log-identity.ts'
import { LogVerifier, type LogVerifierOptions, type VerifiedLog } from './log-verifier.ts'

export interface KeptCheckpoint {
  readonly id: string
  readonly data?: CheckpointData | undefined
}

export interface VerifyLogOptions {
  readonly publicKey: PublicKey | undefined
  /** The trusted key or a successor must have signed the newest checkpoint. */
  readonly mustBeSigned?: boolean
  /** The log must contain it. With its id alone, the events it covers are not verified. */
  readonly since?: KeptCheckpoint | undefined
  /** Read before the store was opened, because an engine may sign another checkpoint meanwhile. */
  readonly stored?: StoredState | undefined
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface VerificationResult {
  readonly events: number
  readonly checkpoints: number
  readonly signedEvents: number
  readonly keyId: string | undefined
  readonly findings: readonly Finding[]
}

interface StoredState {
  readonly newest?: StoredCheckpoint | undefined
  readonly firstEvent?: string | undefined
  readonly findings: readonly Finding[]
}

export const readStoredState = (file: string): StoredState => {
  if (!existsSync(file)) return { findings: [] }
  try {
    const checkpoints = new CheckpointStore(file, true)
    try {
      return { newest: checkpoints.newest, firstEvent: checkpoints.firstEvent, findings: [] }
    } finally {
      checkpoints.close()
    }
  } catch (error) {
    const fault = `it cannot be read (${(error as Error).message}): truncation of the log cannot be ruled out`
    return { findings: [{ place: file, fault }] }
  }
}

const isSame = (kept: Pick<CheckpointData, 'events' | 'logHash' | 'root'>, { data }: SignedCheckpoint): boolean =>
  kept.events === data.events && kept.logHash === data.logHash && kept.root === data.root

const findStored = (newest: StoredCheckpoint | undefined, checkpoints: readonly SignedCheckpoint[]): Finding[] => {
  if (newest === undefined) return []
  if (checkpoints.some(checkpoint => checkpoint.id === newest.id && isSame(newest, checkpoint))) return []
  const fault = `checkpoint ${newest.id} of ${newest.events} events, which was signed here, is missing: the log was truncated or replaced`
  return [{ place: 'the end of the log', fault }]
}

const signingFindings = (
  chain: KeyChain,
  { publicKey, mustBeSigned = false }: VerifyLogOptions,
  checkpoints: readonly SignedCheckpoint[],
): Finding[] => {
  const place = 'the checkpoints'
  if (publicKey === undefined) return []
  const faults: string[] = []
  if (chain.current !== undefined && !chain.hasTrusted) faults.push(`key ${publicKey.id} is not a key of this log`)
  if (mustBeSigned && checkpoints.at(-1)?.isTrusted !== true)
    faults.push(
      chain.isTrusted
        ? `no checkpoint is signed with key ${publicKey.id} yet: start the engine, which signs one, and verify again`
        : `the newest is not signed by key ${publicKey.id}, nor by a key that it introduced`,
    )
  return faults.map(fault => ({ place, fault }))
}

/** Canonicalizing takes most of the time. */
const verifyEvents = async (store: EventStore, options: LogVerifierOptions): Promise<VerifiedLog> => {
  const log = await new LogVerifier(store, { ...options, trustsText: true }).verify()
  return log.findings.length === 0 ? log : new LogVerifier(store, options).verify()
}

/** @throws UnrelatedLog if the key or the stored checkpoint belongs to another log */
export const verifyLog = async (store: EventStore, options: VerifyLogOptions): Promise<VerificationResult> => {
  const { publicKey, mustBeSigned = false, since, stored = { findings: [] }, onProgress, signal } = options
  const { newest, firstEvent, findings: unreadable } = stored
  const chain = new KeyChain(publicKey)
  const { checkpoints, keys, findings } = await readCheckpoints(store, chain)
  if (findings.length === 0)
    await assertSameLog(
      store,
      // If the trusted key must have signed, another key is a finding.
      { keyIds: [mustBeSigned ? undefined : publicKey?.id, newest?.keyId, since?.data?.keyId], firstEvent },
      keys.map(({ newKeyId }) => newKeyId),
    )
  const isKept = (kept: KeptCheckpoint, checkpoint: SignedCheckpoint): boolean =>
    kept.id === checkpoint.id && (kept.data === undefined ? checkpoint.isTrusted : isSame(kept.data, checkpoint))
  const begin = since && checkpoints.find(checkpoint => isKept(since, checkpoint))
  const isLost = since !== undefined && begin === undefined
  const skipped = since?.data === undefined ? begin : undefined
  const log = await verifyEvents(store, { checkpoints, since: skipped, onProgress, signal })
  return {
    events: log.events,
    checkpoints: checkpoints.length,
    signedEvents: checkpoints.findLast(({ isTrusted }) => isTrusted)?.data.events ?? 0,
    keyId: chain.current?.id,
    findings: [
      ...unreadable,
      ...findings,
      ...signingFindings(chain, options, checkpoints),
      ...findStored(newest, checkpoints),
      ...(isLost
        ? [{ place: `checkpoint ${since.id}`, fault: 'it is missing: the log was truncated or replaced' }]
        : []),
      ...log.findings,
    ],
  }
}
