import { type Command, Option } from 'commander'
import { AUDIT_ACTIONS } from '../../../../schemas/audit-vocabulary.ts'
import { first } from '../../../lib/first.ts'
import type { Client } from '../../client/client.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { Interrupted } from '../../errors.ts'
import { io } from '../../io.ts'
import { withWindow } from '../../moment.ts'
import { write } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { type FilterOptions, withEntryFilters } from './filters.ts'
import { csv } from './report-formats/csv.ts'
import { fetchReport } from './report-formats/fetch-report.ts'
import { html } from './report-formats/html.ts'
import { json, jsonl } from './report-formats/json.ts'
import { markdown } from './report-formats/markdown.ts'
import type { ReportFormat } from './report-formats/records.ts'
import { table } from './report-formats/table.ts'

const FORMATS = { table, json, jsonl, csv, html, md: markdown } as const satisfies Record<string, ReportFormat>

const ENTRIES_ONLY: readonly string[] = ['csv', 'jsonl'] satisfies (keyof typeof FORMATS)[]

interface Options extends SourceOptions, FilterOptions {
  readonly output: keyof typeof FORMATS
}

const HELP = `
Without -n, the report covers all namespaces. The window includes the events at --from and at --to. csv and jsonl contain
only the entries; the other formats begin with a summary: changes by actor and by resource, refusals, and the share of time
that each listener was Ready. html is a single file that loads nothing else.

Actions: ${AUDIT_ACTIONS.join(', ')}.

Examples:
  hark audit report -n west
  hark audit report --from 2026-11-01 --to 2026-12-01 -o html > november.html
  hark audit report --actor alice --action update,delete
  hark audit report -n west --resource listener/backend -o csv > backend.csv
  hark audit report --action refuse -o jsonl
  hark audit report --store backup.jsonl`

export const addAuditReport = (audit: Command): void => {
  const command = audit
    .command('report')
    .summary('list who did what, with a summary')
    .description('Lists changes, rejected commands and observations, with actor, origin, resource and changed fields.')
    .addHelpText('after', HELP)
    .action(auditReport)
  withEntryFilters(command).addOption(
    new Option('-o, --output <format>', 'the output format').choices(Object.keys(FORMATS)).default('table'),
  )
  withSource(withWindow(command))
}

const auditReport = (options: Options): Promise<void> => withClient(options, client => print(client, options))

const drawn = (progress: Progress) => {
  const isApart = io().stdout.isTTY !== true
  progress.show(0, 1)
  return {
    onProgress: (done: number, total: number, number: number) => {
      if (isApart) progress.show(done, total, { number, of: 'entries' })
    },
    onOutput: () => {
      if (!isApart) progress.end()
    },
  }
}

const print = async (client: Client, options: Options): Promise<void> => {
  const { from, to, actor, namespace, resource, action, output } = options
  const [signal, progress] = [shutdownSignal(), new Progress('auditing')]
  const { onProgress, onOutput } = drawn(progress)
  try {
    const isOfStore = options.store !== undefined && to === undefined
    const report = await fetchReport(
      client,
      { from, to, actor, namespace, resource, action },
      { onProgress, signal, isOfStore },
    )
    // Times that a compaction has removed are rejected before the first line.
    if (!ENTRIES_ONLY.includes(output)) await first(report.availability())
    for await (const part of FORMATS[output](report)) {
      signal.throwIfAborted()
      onOutput()
      await write(part, signal)
    }
  } catch (error) {
    throw signal.aborted ? new Interrupted('interrupted before the report was complete') : error
  } finally {
    if (io().stdout.isTTY !== true) progress.end()
  }
}
