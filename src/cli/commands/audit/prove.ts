import type { Command } from 'commander'
import { CliError, usageError } from '../../errors.ts'
import { print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../../runtime/with-store.ts'

const HELP = `
The proof holds the event, those after it in its stream up to the first checkpoint that covers it, the way from there to the
root that was signed, and the signature. It says that the event was in the log by then, and nothing of what is not in it.
Whoever has the public key checks it without the store: hark audit verify --proof.

It reads the store itself: where that is SQLite, end the engine first.

Examples:
  hark audit prove 6 > proof.json
  hark audit prove 0f9e810f-055f-40f3-9268-76855ed793fd > proof.json
  hark audit verify --proof proof.json --public-key signing-key.pub.pem`

export const addAuditProve = (audit: Command): void => {
  const command = audit
    .command('prove')
    .summary('prove that an event is in the record')
    .description('Makes a proof that an event is in the log, which holds without the store.')
    .argument('<event>', 'the position of the event, or its id')
    .addHelpText('after', HELP)
    .action(prove)
  withStore(command)
}

const prove = (event: string, flags: StoreFlags): Promise<void> => {
  const position = /^\d{1,16}$/.test(event) ? Number(event) : undefined
  if (position === undefined && !/^[0-9a-f-]{36}$/i.test(event))
    throw usageError(`${event} is neither a position nor the id of an event`)
  return withOpenedStore(flags, { mustExist: true, access: 'read' }, async (store, settings) => {
    const { proveEvent, Unprovable } = await import('../../../integrity/proofs/prove.ts')
    const { keyFolder, keyInFolder } = await import('./public-key.ts')
    const { LOG_PREFIXES } = await import('../../../../schemas/events/streams.ts')
    const { lastPositionOrDamage } = await import('../../../event-store/last-event.ts')
    const [signal, progress, total] = [
      shutdownSignal(),
      new Progress('looking for it'),
      await lastPositionOrDamage(store, LOG_PREFIXES),
    ]
    const proof = await proveEvent(
      store,
      found => (position === undefined ? found.id === event.toLowerCase() : found.position === position),
      {
        publicKey: keyInFolder(keyFolder(flags, settings)),
        onProgress: (done, number) => progress.show(done, total, { number, of: 'events' }),
        signal,
      },
    )
      .catch(error => {
        if (error instanceof Unprovable) throw new CliError(`no proof of ${event}: ${error.message}`)
        throw signal.aborted ? new CliError('ended before it was found') : error
      })
      .finally(() => progress.end())
    print(JSON.stringify(proof, null, 2))
  })
}
