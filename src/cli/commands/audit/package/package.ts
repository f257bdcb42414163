import type { Command } from 'commander'
import { withWindow } from '../../../moment.ts'
import { withStore } from '../../../runtime/with-store.ts'
import { withEntryFilters } from '../filters.ts'
import type { PackageFlags } from './write-package.ts'

const HELP = `
The archive contains the report as HTML and CSV, the public key, the checkpoints, a proof of every listed event, and a
README with the commands that check them: openssl and sha256sum suffice. Events after the last checkpoint of the current
key have no proof.

The command reads the store directly, or an exported log with --store and the folder of its keys
with --data.

Examples:
  hark audit package november.zip --from 2026-11-01 --to 2026-12-01
  hark audit package west.zip -n west --store backup.jsonl --data keys`

export const addAuditPackage = (audit: Command): void => {
  const command = audit
    .command('package')
    .summary('write a report with proofs to an archive')
    .description('Writes a report, with proofs that can be checked without Hark, to a ZIP archive.')
    .argument('<file>', 'the archive, which must not exist, such as audit.zip')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: PackageFlags) => {
      const { writePackage } = await import('./write-package.ts')
      await writePackage(file, flags)
    })
  withStore(withWindow(withEntryFilters(command)))
}
