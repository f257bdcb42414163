import { type Command, Option } from 'commander'
import { Client } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { ApplyDocument, type ApplyMutation } from '../client/generated.ts'
import { CliError } from '../errors.ts'
import type { SourceDocument } from '../manifests/documents.ts'
import { locateErrors } from '../manifests/locate-errors.ts'
import { duration, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print, printWarning } from '../output/print.ts'

interface Options extends ServerOption, NamespaceOption {
  readonly filename: readonly string[]
  readonly dryRun?: boolean
  readonly wait?: true
  readonly timeout: number
}

type Applied = ApplyMutation['apply']['results'][number] & {
  readonly index?: number
}

const TIMEOUT_MS = 120_000

const DEFAULT_WAIT = '60s'

const HELP = `
All documents are applied, or none: if any is invalid, every fault is reported. Other kinds are skipped with a note, and
unchanged resources stay as they are. Listeners may swap host and port: conflicts are checked after all documents.

A document with metadata.resourceVersion or uid, as "hark get -o yaml" prints them, is rejected if the spec of the resource
has changed since, or if it is another resource. Without them, the last writer wins.

Examples:
  hark apply -f listener.yml -n west
  hark apply -f manifests/ --dry-run
  hark get listeners -n west -o yaml | hark apply -f -
  hark apply -f west/ -n west --wait --timeout 2m`

export const addApply = (program: Command): void => {
  const command = program
    .command('apply')
    .summary('create or change resources from manifests')
    .description('Creates or changes listeners, connectors and sites from YAML or JSON manifests.')
    .requiredOption('-f, --filename <path...>', 'files, folders (recursively), or - for standard input')
    .option('--dry-run', 'print what would change, and change nothing')
    .option('--wait', 'wait until every listener and connector has been Ready (exit status 4 if not in time)')
    .addOption(
      new Option('--timeout <time>', 'how long to wait')
        .argParser(duration)
        .default(duration(DEFAULT_WAIT), DEFAULT_WAIT),
    )
    .addHelpText('after', HELP)
    .action(apply)
  withServer(withNamespace(command, 'the namespace of manifests without one'))
}

const apply = async ({ filename, namespace, dryRun = false, wait, timeout, server }: Options): Promise<void> => {
  const { readManifests } = await import('../manifests/read-manifests.ts')
  const { documents, faults } = await readManifests(filename)
  const client = new Client(server)
  if (faults.length > 0) throw new CliError([...faults, ...(await otherFaults(client, documents, namespace))])
  const { results, failure } = await send(client, documents, namespace, dryRun)
  for (const [position, result] of results.entries()) {
    print(resultLine(result, documents[result.index ?? position]?.value, dryRun))
    const { kind, name, action, message } = result
    if (action !== 'Skipped' && message !== '') printWarning(`${kind.toLowerCase()}/${name}: ${message}`)
  }
  if (failure !== undefined) throw failure
  if (wait && !dryRun) {
    const { waitUntilReady } = await import('../resources/wait.ts')
    await waitUntilReady(
      client,
      results.filter(({ action }) => action !== 'Skipped'),
      timeout,
    )
  }
}

const otherFaults = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
): Promise<readonly string[]> => {
  const { failure }: Partial<Sent> = documents.length === 0 ? {} : await send(client, documents, namespace, true)
  return failure?.lines ?? []
}

interface Sent {
  readonly results: readonly Applied[]
  readonly failure?: ServerError
}

const send = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
  dryRun: boolean,
): Promise<Sent> => {
  const input = { manifests: documents.map(({ value }) => value), namespace, dryRun }
  try {
    const { apply } = await client.request(ApplyDocument, { input }, { timeoutMs: TIMEOUT_MS })
    return { results: apply.results }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    const failure = locateErrors(error, (index, path) => {
      const where = documents[index]?.where(path) ?? ''
      return path === '' ? where : `${where}: ${path}`
    })
    const results = error.errors.flatMap(({ extensions }) => (extensions?.results ?? []) as readonly Applied[])
    return { results, failure }
  }
}

/** Follows kubectl: `listener.skupper.io/backend created`. */
const resultLine = ({ kind, name, action, message }: Applied, manifest: unknown, dryRun: boolean): string => {
  const { apiVersion = '' } = manifest as { apiVersion?: string }
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : []
  const resource = `${[kind.toLowerCase(), group].filter(part => part !== undefined).join('.')}/${name}`
  if (action === 'Skipped') return `${resource} skipped: ${message}`
  return `${resource} ${action.toLowerCase()}${dryRun ? ' (dry run)' : ''}`
}
