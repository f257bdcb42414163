import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { auditEvents } from '../../../../schemas/events/audit.ts'
import { LOG_PREFIXES } from '../../../../schemas/events/streams.ts'
import { lastPositionOrDamage } from '../../../event-store/last-event.ts'
import { CHECKPOINTS_FILE } from '../../../integrity/checkpoints/checkpointer.ts'
import type { PublicKey } from '../../../integrity/keys/signing-key.ts'
import { UnrelatedLog } from '../../../integrity/verify/log-identity.ts'
import {
  type KeptCheckpoint,
  readStoredState,
  type VerificationResult,
  verifyLog,
} from '../../../integrity/verify/verify.ts'
import { CliError, EXIT, usageError } from '../../errors.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print, printFindings } from '../../output/print.ts'
import { type Work, withProgress } from '../../runtime/with-progress.ts'
import { isExported, settingsToRead, withOpenedStore } from '../../runtime/with-store.ts'
import type { VerifyFlags } from './flags.ts'
import { keyFolder, keyInFolder, publicKeyIn } from './public-key.ts'
import { readJson } from './read-json.ts'

const kept = z.strictObject({ id: z.string(), data: auditEvents.CheckpointSigned.data })

const keptCheckpoint = (text: string): KeptCheckpoint => {
  if (z.uuid().safeParse(text).success) return { id: text }
  if (!existsSync(text)) throw usageError(`--since: ${text} must be the id of a checkpoint or a file`)
  const { success, data } = kept.safeParse(readJson(text))
  if (!success) throw new CliError(`${text} must contain a checkpoint printed by hark audit checkpoint`)
  return data
}

/** An export may be older than the last checkpoint of the default data folder. */
const isOlderLog = ({ data, store }: VerifyFlags): boolean => data === undefined && isExported(store)

export const verifyLogCommand = async (flags: VerifyFlags): Promise<void> => {
  const data = keyFolder(flags, await settingsToRead(flags))
  const stored = isOlderLog(flags) ? undefined : readStoredState(join(data, CHECKPOINTS_FILE))
  await withOpenedStore(flags, { mustExist: true, access: 'read', statuses: EXIT }, async store => {
    const given = flags.publicKey === undefined ? undefined : publicKeyIn(flags.publicKey)
    const publicKey = given ?? keyInFolder(data)
    const since = flags.since === undefined ? undefined : keptCheckpoint(flags.since)
    const total = await lastPositionOrDamage(store, LOG_PREFIXES)
    const run = ({ signal, onProgress }: Work) =>
      verifyLog(store, {
        publicKey,
        mustBeSigned: given !== undefined,
        since,
        stored,
        onProgress: (done, number) => onProgress(done, total, number),
        signal,
      }).catch(error => {
        throw error instanceof UnrelatedLog ? new CliError(unrelated(error, data), EXIT.unrelated) : error
      })
    const result = await withProgress('verifying', run, 'interrupted before everything was verified')
    if (flags.output === 'table') printResult(result, publicKey)
    else print(await formatDocument(result, flags.output))
    const { length } = result.findings
    if (length > 0) throw new CliError(length === 1 ? '1 fault found' : `${length} faults found`, EXIT.failed)
  })
}

const unrelated = ({ message }: UnrelatedLog, data: string): string[] => [
  `the keys in ${data} are not those of this log: ${message}`,
  'pass the folder of its keys with --data; if this is that folder, the log was replaced by another',
]

const MAX_SHOWN = 100

const printResult = (
  { events, checkpoints, signedEvents, keyId, findings }: VerificationResult,
  trusted: PublicKey | undefined,
): void => {
  printFindings(findings, MAX_SHOWN)
  note(`Verified ${events} events and ${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'}.`)
  if (keyId === undefined) note('Nothing is signed yet: the log has no signing key.')
  else if (signedEvents === 0 && trusted?.id === keyId)
    note(`No checkpoint is signed with key ${keyId} yet: the engine signs the next one with it, over the whole log.`)
  else
    note(`Signed: ${signedEvents} events, by key ${keyId} now. Not signed yet: ${Math.max(0, events - signedEvents)}.`)
  if (trusted === undefined && keyId !== undefined)
    note('The key was read from the log itself: pass a key that you trust with --public-key.')
  if (findings.length === 0) note('No signed event was changed, removed, inserted or moved.')
}
