import { type Command, Option } from 'commander'
import { Client } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { ApplyDocument, type ApplyMutation } from '../client/generated.ts'
import { CliError } from '../errors.ts'
import type { SourceDocument } from '../manifests/documents.ts'
import { relocate } from '../manifests/locate-errors.ts'
import { duration, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print, printWarning } from '../output/print.ts'

interface Options extends ServerOption, NamespaceOption {
  readonly filename: readonly string[]
  readonly dryRun?: boolean
  readonly wait?: true
  readonly timeout: number
}

type Applied = ApplyMutation['apply']['results'][number] & {
  /** Of its manifest, if only some were applied. */
  readonly index?: number
}

/** Many manifests take their time; each waits for its events to be on disk. */
const PATIENCE_MS = 120_000

const TIMEOUT = '60s'

const HELP = `
Either all documents are sound and can be applied as a whole, or nothing is applied and every fault is told. Kinds that
are not Hark's are skipped with a note. What is unchanged stays as it is. Listeners may change places: host and port are
looked at as all documents together leave them.

A document with a metadata.resourceVersion or uid, as "hark get -o yaml" prints them, is refused where the spec of the
resource has changed since, or where it is another one. Without them, who writes last wins.

Examples:
  hark apply -f listener.yml -n west
  hark apply -f manifests/ --dry-run
  hark get listeners -n west -o yaml | hark apply -f -
  hark apply -f west/ -n west --wait --timeout 2m`

export const addApply = (program: Command): void => {
  const command = program
    .command('apply')
    .summary('make resources what their manifests say')
    .description('Creates or changes listeners, connectors and sites so that they are what YAML or JSON manifests say.')
    .requiredOption('-f, --filename <path...>', 'files, folders (with all below them), or - for standard input')
    .option('--dry-run', 'only say what would be done')
    .option('--wait', 'wait until every listener and connector has been Ready; in vain: exit status 4')
    .addOption(
      new Option('--timeout <time>', 'how long to wait').argParser(duration).default(duration(TIMEOUT), TIMEOUT),
    )
    .addHelpText('after', HELP)
    .action(apply)
  withServer(withNamespace(command, 'for manifests that name none'))
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

/** The faults that the server finds in the documents that can be read. */
const otherFaults = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
): Promise<readonly string[]> => {
  const { failure }: Partial<Sent> = documents.length === 0 ? {} : await send(client, documents, namespace, true)
  return failure?.lines ?? []
}

/** What was done, and why the rest was not. */
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
    const { apply } = await client.request(ApplyDocument, { input }, { patienceMs: PATIENCE_MS })
    return { results: apply.results }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    const failure = relocate(error, (index, path) => {
      const where = documents[index]?.where(path) ?? ''
      return path === '' ? where : `${where}: ${path}`
    })
    const results = error.errors.flatMap(({ extensions }) => (extensions?.results ?? []) as readonly Applied[])
    return { results, failure }
  }
}

/** `listener.skupper.io/backend created`, as kubectl says it. */
const resultLine = ({ kind, name, action, message }: Applied, manifest: unknown, dryRun: boolean): string => {
  const { apiVersion = '' } = manifest as { apiVersion?: string }
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : []
  const resource = `${[kind.toLowerCase(), group].filter(part => part !== undefined).join('.')}/${name}`
  if (action === 'Skipped') return `${resource} skipped: ${message}`
  return `${resource} ${action.toLowerCase()}${dryRun ? ' (dry run)' : ''}`
}
