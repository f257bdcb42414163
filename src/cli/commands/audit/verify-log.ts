import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { auditEvents } from '../../../../schemas/events/audit.ts'
import { LOG_PREFIXES } from '../../../../schemas/events/streams.ts'
import { lastPositionOrDamage } from '../../../event-store/last-event.ts'
import { CHECKPOINTS_FILE } from '../../../integrity/checkpoints/checkpointer.ts'
import type { PublicKey } from '../../../integrity/keys/signing-key.ts'
import { Unrelated } from '../../../integrity/same-log.ts'
import { type KeptCheckpoint, type VerificationResult, verifyLog } from '../../../integrity/verify/verify.ts'
import { CliError, EXIT, wrongUsage } from '../../errors.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { printable } from '../../output/text.ts'
import { shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { withOpenedStore } from '../../runtime/with-store.ts'
import { keyFolder, keyInFolder, publicKeyIn } from './public-key.ts'
import { readJson } from './read-json.ts'
import type { VerifyFlags } from './verify.ts'

const kept = z.strictObject({ id: z.string(), data: auditEvents.CheckpointSigned.data })

const keptCheckpoint = (text: string): KeptCheckpoint => {
  if (z.uuid().safeParse(text).success) return { id: text }
  if (!existsSync(text)) throw wrongUsage(`--since: ${text} is neither the id of a checkpoint nor a file`)
  const { success, data } = kept.safeParse(readJson(text))
  if (!success) throw new CliError(`${text} holds no checkpoint as hark audit checkpoint prints it`)
  return data
}

/** Checks the log, and tells what was found. */
export const verifyLogCommand = (flags: VerifyFlags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read', statuses: EXIT }, async (store, settings) => {
    const data = keyFolder(flags, settings)
    const given = flags.publicKey === undefined ? undefined : publicKeyIn(flags.publicKey)
    const publicKey = given ?? keyInFolder(data)
    const since = flags.since === undefined ? undefined : keptCheckpoint(flags.since)
    const [signal, progress] = [shutdownSignal(), new Progress('verifying')]
    const total = await lastPositionOrDamage(store, LOG_PREFIXES)
    const audited = await verifyLog(store, {
      publicKey,
      mustBeSigned: given !== undefined,
      since,
      memoryFile: join(data, CHECKPOINTS_FILE),
      onProgress: (done, number) => progress.show(done, total, { number, of: 'events' }),
      signal,
    })
      .catch(error => {
        if (error instanceof Unrelated) throw new CliError(unrelated(error, data), EXIT.unrelated)
        throw signal.aborted ? new CliError('ended before everything was looked at') : error
      })
      .finally(() => progress.end())
    if (flags.output === 'table') tell(audited, publicKey)
    else print(await formatDocument(audited, flags.output))
    const { length } = audited.findings
    if (length > 0) throw new CliError(length === 1 ? '1 fault was found' : `${length} faults were found`, EXIT.failed)
  })

const unrelated = ({ message }: Unrelated, data: string): string[] => [
  `the log and what is in ${data} do not belong together: ${message}`,
  'name the folder of its own keys with --data; where these are its own, the log was put in the place of another',
]

/** More than these nobody reads. */
const MOST_SHOWN = 100

const tell = (
  { events, checkpoints, signedEvents, keyId, findings }: VerificationResult,
  trusted: PublicKey | undefined,
): void => {
  for (const { place, fault } of findings.slice(0, MOST_SHOWN)) print(`${printable(place)}: ${printable(fault)}`)
  if (findings.length > MOST_SHOWN) print(`… and ${findings.length - MOST_SHOWN} more`)
  note(`${events} events and ${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'} were looked at.`)
  const tail = Math.max(0, events - signedEvents)
  if (keyId === undefined) note('Nothing of it is signed: no engine that signs has run on it yet.')
  else note(`${signedEvents} events are signed, now by key ${keyId}; ${tail} after them are not yet.`)
  if (trusted === undefined && keyId !== undefined)
    note('The key is the one that the log itself names: give one that you know with --public-key.')
  if (findings.length === 0) note('Nothing of what is signed was changed, removed, inserted or put elsewhere.')
}
