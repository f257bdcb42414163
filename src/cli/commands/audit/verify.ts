import { type Command, Option } from 'commander'
import { usageError } from '../../errors.ts'
import { withStore } from '../../runtime/with-store.ts'
import type { VerifyFlags } from './flags.ts'

const HELP = `
Every event contains the hash of the previous one in its stream, and checkpoints sign all streams together. The command
reports where events were changed, removed, inserted or moved. It also detects a truncated log, if the data folder or the
checkpoint of --since records more events. Events after the last checkpoint are not signed yet.

The trusted key is that of --public-key, else that in the data folder, else the first one in the log. A user who can write
to the data folder can sign a forged log: keep the public key, and a checkpoint from time to time, elsewhere.

The command reads the store directly, as of its beginning; an engine may run. --store also takes an exported log. --proof
needs no store. If --store names a file and --data is not set, the keys beside that file are used.

Exit status: 0 without faults, 1 with faults, 6 if the keys belong to another log, 7 if another process has the store for
itself, 8 if there is no store.

Examples:
  hark audit verify
  hark audit verify --public-key signing-key.pub.pem --since kept-checkpoint.json
  hark audit verify --store backup.jsonl --public-key signing-key.pub.pem
  hark audit verify --store 'esdb://127.0.0.1:2113?tls=false'
  hark audit verify --proof proof.json --public-key signing-key.pub.pem`

export const addAuditVerify = (audit: Command): void => {
  const command = audit
    .command('verify')
    .summary('check whether the log was tampered with')
    .description('Checks the log against its signatures, or a proof of one event.')
    .option('--public-key <file>', 'the key to trust (default: that of the data folder)')
    .option(
      '--since <checkpoint>',
      'a kept checkpoint that the log must contain: a file, or an id to check only newer events',
    )
    .option('--proof <file>', 'check a proof printed by "hark audit prove" instead of the log')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['table', 'json', 'yaml']).default('table'),
    )
    .addHelpText('after', HELP)
    .action(verify)
  withStore(command)
}

const verify = async ({ proof, ...flags }: VerifyFlags): Promise<void> => {
  if (proof !== undefined && (flags.since !== undefined || flags.store !== undefined))
    throw usageError('--proof is checked without a store: omit --since and --store')
  if (proof === undefined) await (await import('./verify-log.ts')).verifyLogCommand(flags)
  else await (await import('./verify-proof.ts')).verifyProofCommand(proof, flags)
}
