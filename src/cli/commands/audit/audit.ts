import type { Command } from 'commander'
import { addAuditCheckpoint } from './checkpoint.ts'
import { addAuditPackage } from './package/package.ts'
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
    .summary('show who changed what, and verify the log')
    .description('Shows who changed what and what was rejected, and verifies that the log was not tampered with.')
    .addHelpText('after', HELP)
  addAuditReport(audit)
  addAuditVerify(audit)
  addAuditProve(audit)
  addAuditPackage(audit)
  addAuditCheckpoint(audit)
  addAuditRotateKey(audit)
}
