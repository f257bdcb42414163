import { type Command, InvalidArgumentError, Option } from 'commander'
import { AUDIT_ACTIONS, type AuditAction, parseResourceRef } from '../../../../schemas/audit-vocabulary.ts'
import type { Client } from '../../client/client.ts'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError } from '../../errors.ts'
import { io } from '../../io.ts'
import { type WindowOptions, withWindow } from '../../options.ts'
import { write } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { shutdownSignal } from '../../runtime/shutdown-signal.ts'
import { csv } from './report-formats/csv.ts'
import { fetchReport } from './report-formats/fetch-report.ts'
import { html } from './report-formats/html.ts'
import { json, jsonl } from './report-formats/json.ts'
import { markdown } from './report-formats/markdown.ts'
import type { ReportFormat } from './report-formats/records.ts'
import { table } from './report-formats/table.ts'

const FORMATS = { table, json, jsonl, csv, html, md: markdown } as const satisfies Record<string, ReportFormat>

interface Options extends SourceOptions, WindowOptions {
  readonly actor?: string
  readonly namespace?: string
  readonly resource?: string
  readonly action?: readonly AuditAction[]
  readonly allNamespaces?: true
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

const actions = (text: string): readonly AuditAction[] =>
  text.split(',').map(name => {
    const action = AUDIT_ACTIONS.find(known => known === name)
    if (action === undefined) throw new InvalidArgumentError(`must be one of: ${AUDIT_ACTIONS.join(', ')}`)
    return action
  })

const resource = (text: string): string => {
  if (parseResourceRef(text) !== undefined) return text
  throw new InvalidArgumentError('must be a name, or a kind and a name such as listener/backend')
}

export const addAuditReport = (audit: Command): void => {
  const command = audit
    .command('report')
    .summary('list who did what, with a summary')
    .description('Lists changes, rejected commands and observations, with actor, origin, resource and changed fields.')
    .option('-n, --namespace <namespace>', 'only entries of this namespace')
    .addOption(new Option('-A, --all-namespaces', 'all namespaces (as without -n)').conflicts('namespace'))
    .option('--actor <actor>', 'only entries of this actor')
    .option('--resource <resource>', 'only entries of this resource: NAME or KIND/NAME', resource)
    .option('--action <actions>', 'only these actions, separated by commas', actions)
    .addOption(new Option('-o, --output <format>', 'the output format').choices(Object.keys(FORMATS)).default('table'))
    .addHelpText('after', HELP)
    .action(auditReport)
  withSource(withWindow(command))
}

const auditReport = (options: Options): Promise<void> => withClient(options, client => print(client, options))

/** A progress bar would mix with a report on the same terminal. */
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
    for await (const part of FORMATS[output](report)) {
      signal.throwIfAborted()
      onOutput()
      await write(part, signal)
    }
  } catch (error) {
    throw signal.aborted ? new CliError('interrupted before the report was complete') : error
  } finally {
    if (io().stdout.isTTY !== true) progress.end()
  }
}
