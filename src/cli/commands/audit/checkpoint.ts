import type { Command } from 'commander'
import { CliError } from '../../errors.ts'
import { print } from '../../output/print.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../../runtime/with-store.ts'

const HELP = `
Keep the checkpoint where those who can write to the store cannot change it. "hark audit verify --since" then detects
every change up to the checkpoint and a log truncated before it, even if the signing key was stolen.

Examples:
  hark audit checkpoint > kept-checkpoint.json
  hark audit verify --since kept-checkpoint.json`

export const addAuditCheckpoint = (audit: Command): void => {
  const command = audit
    .command('checkpoint')
    .summary('print the newest checkpoint')
    .description('Prints the newest checkpoint of the log as JSON, to be kept outside the store.')
    .addHelpText('after', HELP)
    .action(checkpoint)
  withStore(command)
}

const checkpoint = (flags: StoreFlags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async store => {
    const { CHECKPOINTS_STREAM } = await import('../../../../schemas/events/streams.ts')
    for await (const { id, type, data } of store.readStream(CHECKPOINTS_STREAM, { direction: 'backward' })) {
      if (type !== 'CheckpointSigned') continue
      print(JSON.stringify({ id, data }))
      return
    }
    throw new CliError('the log has no checkpoint yet: the engine signs one periodically and when it stops')
  })
