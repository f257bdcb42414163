import type { Command } from 'commander'
import { addAuditCheckpoint } from './checkpoint.ts'
import { addAuditProve } from './prove.ts'
import { addAuditReport } from './report.ts'
import { addAuditRotateKey } from './rotate-key.ts'
import { addAuditVerify } from './verify.ts'

const HELP = `
Examples:
  hark audit report -n west
  hark audit report --from 2026-11-01 -o html > november.html
  hark audit verify`

export const addAudit = (program: Command): void => {
  const audit = program
    .command('audit')
    .summary('tell who changed what, and whether the record is whole')
    .description(
      'Tells who changed what, what was refused, how listeners fared, and whether anybody tampered with the record.',
    )
    .addHelpText('after', HELP)
  addAuditReport(audit)
  addAuditVerify(audit)
  addAuditProve(audit)
  addAuditCheckpoint(audit)
  addAuditRotateKey(audit)
}
