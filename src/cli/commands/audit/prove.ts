import type { Command } from 'commander'
import type { RecordedEvent } from '../../../../schemas/events/recorded-event.ts'
import { CliError, usageError } from '../../errors.ts'
import { print } from '../../output/print.ts'
import { type Work, withProgress } from '../../runtime/with-progress.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../../runtime/with-store.ts'

const HELP = `
The proof contains the event, the later events of its stream up to the first checkpoint that covers it, the Merkle path to
the signed root, and the signature. It shows that the event was in the log when the checkpoint was signed. Checking it with
"hark audit verify --proof" takes the public key, but not the store.

The command reads the store directly; an engine may run.

Examples:
  hark audit prove 6 > proof.json
  hark audit prove 0f9e810f-055f-40f3-9268-76855ed793fd > proof.json
  hark audit verify --proof proof.json --public-key signing-key.pub.pem`

export const addAuditProve = (audit: Command): void => {
  const command = audit
    .command('prove')
    .summary('prove that an event is in the log')
    .description('Prints a proof that an event is in the log. It can be checked without the store.')
    .argument('<event>', 'the position or the id of the event')
    .addHelpText('after', HELP)
    .action(prove)
  withStore(command)
}

const prove = (event: string, flags: StoreFlags): Promise<void> => {
  const position = /^\d{1,16}$/.test(event) ? Number(event) : undefined
  if (position === undefined && !/^[0-9a-f-]{36}$/i.test(event))
    throw usageError(`${event} must be the position or the id of an event`)
  return withOpenedStore(flags, { mustExist: true, access: 'read' }, async (store, settings) => {
    const { proveEvent, Unprovable } = await import('../../../integrity/proofs/prove.ts')
    const { keyFolder, keyInFolder } = await import('./public-key.ts')
    const { LOG_PREFIXES } = await import('../../../../schemas/events/streams.ts')
    const { lastPositionOrDamage } = await import('../../../event-store/last-event.ts')
    const total = await lastPositionOrDamage(store, LOG_PREFIXES)
    const isWanted = (found: RecordedEvent): boolean =>
      position === undefined ? found.id === event.toLowerCase() : found.position === position
    const search = ({ signal, onProgress }: Work) =>
      proveEvent(store, isWanted, {
        publicKey: keyInFolder(keyFolder(flags, settings)),
        onProgress: (done, number) => onProgress(done, total, number),
        signal,
      }).catch(error => {
        throw error instanceof Unprovable ? new CliError(`no proof of ${event}: ${error.message}`) : error
      })
    const proof = await withProgress('searching', search, 'interrupted before the event was found')
    print(JSON.stringify(proof, null, 2))
  })
}
