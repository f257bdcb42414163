import type { Command } from 'commander'
import { CliError } from '../../errors.ts'
import { note } from '../../output/print.ts'
import { type StoreFlags, withOpenedStore, withStore } from '../../runtime/with-store.ts'

interface Flags extends StoreFlags {
  readonly lost?: boolean
}

const HELP = `
The current key signs the new one, so that trust in the old key extends to the new one. If the old key is lost (--lost),
hark audit verify reports that, until the new key is passed with --public-key.

The command writes to the store: stop an engine on SQLite first. Engines on one EventStoreDB share a key: copy
signing-key.pem to the data folder of each.

Examples:
  hark audit rotate-key
  hark audit rotate-key --lost`

export const addAuditRotateKey = (audit: Command): void => {
  const command = audit
    .command('rotate-key')
    .summary('replace the signing key')
    .description('Creates a new key that signs the log from now on.')
    .option('--lost', 'the current key is lost and cannot sign the new one')
    .addHelpText('after', HELP)
    .action(rotate)
  withStore(command)
}

const rotate = ({ lost = false, ...flags }: Flags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true }, async (store, { data }) => {
    const { KeyRotationError, rotateKey } = await import('../../../integrity/keys/rotate-key.ts')
    const { KeyFiles } = await import('../../../integrity/keys/key-files.ts')
    const keys = new KeyFiles(data)
    const { from, to } = await rotateKey(store, keys, lost).catch(error => {
      throw error instanceof KeyRotationError ? new CliError(error.message) : error
    })
    note(`Key ${to} signs the log from now on, instead of ${from}. Its public key is in ${keys.publicKeyFile}.`)
  })
