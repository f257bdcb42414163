import { type Command, Option } from 'commander'
import { usageError } from '../../errors.ts'
import { type StoreFlags, withStore } from '../../runtime/with-store.ts'

export interface VerifyFlags extends StoreFlags {
  readonly publicKey?: string
  readonly since?: string
  readonly proof?: string
  readonly output: 'table' | 'json' | 'yaml'
}

const HELP = `
Every event holds the hash of the one before it in its stream, and checkpoints sign all of them together. What was changed,
removed, inserted or put elsewhere is found, with its place; so is an end that was cut off, where this data folder or the
checkpoint given with --since knows of more. Events behind the last checkpoint are not signed yet.

The key that is trusted is the one of --public-key, else the one in the data folder, else the first one of the log. Whoever
could write to the data folder could have signed anew: keep the public key, and now and then a checkpoint, elsewhere.

It reads the store itself: where that is SQLite, end the engine first. --proof needs no store. Where --store names a file and
--data is not given, the keys beside that file are taken.

It ends with 0 where all is well, with 1 where something is not, with 6 where the keys are not those of this log, with 7 where
another process has the store, and with 8 where there is none.

Examples:
  hark audit verify
  hark audit verify --public-key signing-key.pub.pem --since kept-checkpoint.json
  hark audit verify --store 'esdb://127.0.0.1:2113?tls=false'
  hark audit verify --proof proof.json --public-key signing-key.pub.pem`

export const addAuditVerify = (audit: Command): void => {
  const command = audit
    .command('verify')
    .summary('find out whether the record was tampered with')
    .description('Checks the record against its signatures, or a proof of one event.')
    .option('--public-key <file>', 'the key to trust (default: that of the data folder)')
    .option(
      '--since <checkpoint>',
      'a checkpoint that was kept, by its id or as a file: the log must have it; by its id alone, only what is newer is looked at',
    )
    .option('--proof <file>', 'check a proof that hark audit prove made instead')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'yaml']).default('table'))
    .addHelpText('after', HELP)
    .action(verify)
  withStore(command)
}

const verify = async ({ proof, ...flags }: VerifyFlags): Promise<void> => {
  if (proof !== undefined && (flags.since !== undefined || flags.store !== undefined))
    throw usageError('--proof is checked without a store: it goes with --public-key, and not with --since or --store')
  if (proof === undefined) await (await import('./verify-log.ts')).verifyLogCommand(flags)
  else await (await import('./verify-proof.ts')).verifyProofCommand(proof, flags)
}
