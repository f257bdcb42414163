import { type Command, Option } from 'commander'
import { Client } from '../client/client.ts'
import { connectionNotes } from '../client/connection-messages.ts'
import { hadBegun, NOT_BEGUN } from '../client/pagination.ts'
import { warnIfStale } from '../client/readiness.ts'
import { CliError, usageError } from '../errors.ts'
import {
  type AtOption,
  type NamespaceOption,
  type ServerOption,
  withAt,
  withNamespace,
  withServer,
} from '../options.ts'
import { formatDocument } from '../output/format.ts'
import { note, print } from '../output/print.ts'
import { Table } from '../output/table.ts'
import { KINDS, kindArgument, pluralsOf } from '../resources/kinds.ts'
import {
  NAMESPACE,
  plural,
  type Resource,
  type ResourceKind,
  type Scope,
  singular,
  toManifest,
} from '../resources/resource.ts'

interface Options extends ServerOption, NamespaceOption, AtOption {
  readonly allNamespaces?: true
  readonly watch?: true
  readonly output: 'table' | 'wide' | 'json' | 'yaml'
}

const HELP = `
A watch prints deleted resources once more: with the status Deleted, or a deletionTimestamp in JSON and YAML. It continues
when the engine restarts.

Examples:
  hark get listeners                   in the namespace default
  hark get lnr backend -n west         one of them
  hark get connectors -A -o wide       in all namespaces, with age, uid and message
  hark get listeners -n west -w        print every change until Ctrl-C
  hark get listeners -n west --at 2026-11-22T02:14:00Z
  hark get listeners -n west -o yaml   manifests for "hark apply", with status`

export const addGet = (program: Command): void => {
  const command = program
    .command('get')
    .summary(`list ${pluralsOf(KINDS)}`)
    .description('Lists listeners (lnr), connectors (cnr) or sites, or shows the one with that name.')
    .addArgument(kindArgument('<kind>', KINDS, pluralsOf(KINDS)))
    .argument('[name]', 'the name of one of them')
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('-w, --watch', 'print changes until Ctrl-C')
    .addOption(
      new Option('-o, --output <format>', 'the output format')
        .choices(['table', 'wide', 'json', 'yaml'])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(get)
  withServer(withNamespace(withAt(command, 'their state at that moment')))
}

const get = async (kind: ResourceKind, name: string | undefined, options: Options): Promise<void> => {
  if (name !== undefined && options.allNamespaces) {
    throw usageError('a name needs a namespace: use -n instead of -A, or omit the name')
  }
  const { at } = options
  if (at !== undefined && options.watch) throw usageError('the past does not change: use --at or --watch, not both')
  const scope = { namespace: options.allNamespaces ? undefined : options.namespace, name, at }
  const client = new Client(options.server)
  await (options.watch ? watchAll(client, kind, scope, options) : list(client, kind, scope, options))
}

const nothingFound = (kind: ResourceKind, { namespace, name }: Scope): string => {
  if (namespace === undefined) return `No ${plural(kind)} found.`
  return name === undefined
    ? `No ${plural(kind)} found in namespace ${namespace}.`
    : `${singular(kind)} ${name} not found in namespace ${namespace}`
}

const tableFor = (kind: ResourceKind, { output, allNamespaces }: Options): Table<Resource> =>
  new Table([...(allNamespaces ? [NAMESPACE] : []), ...kind.columns, ...(output === 'wide' ? kind.wideColumns : [])])

const list = async (client: Client, kind: ResourceKind, scope: Scope, options: Options): Promise<void> => {
  const { output } = options
  const [resources] = await Promise.all([kind.list(client, scope), warnIfStale(client)])
  if (resources.length === 0 && !(await hadBegun(client, scope.at, scope.namespace))) throw new CliError(NOT_BEGUN)
  if (scope.name !== undefined && resources.length === 0) throw new CliError(nothingFound(kind, scope))
  if (output === 'table' || output === 'wide') {
    if (resources.length === 0) note(nothingFound(kind, scope))
    else for (const line of tableFor(kind, options).lines(resources)) print(line)
    return
  }
  const items = resources.map(resource => toManifest(kind, resource))
  const document = scope.name === undefined ? { apiVersion: 'v1', kind: 'List', items } : items[0]
  print(await formatDocument(document, output))
}

const watchAll = async (client: Client, kind: ResourceKind, scope: Scope, options: Options): Promise<void> => {
  const { output } = options
  const { watch } = await import('../resources/watch.ts')
  await warnIfStale(client)
  const table = tableFor(kind, options)
  const { signal } = new AbortController()
  let begun = false
  for await (const resources of watch(kind, client, scope, { signal, ...connectionNotes(client, note) })) {
    if (!begun && resources.length === 0) {
      if (scope.name !== undefined) throw new CliError(nothingFound(kind, scope))
      note(nothingFound(kind, scope))
    } else if (output === 'table' || output === 'wide') {
      for (const line of table.lines(resources)) print(line)
    } else {
      for (const each of resources) print(await formatDocument(toManifest(kind, each), output, { oneOfMany: true }))
    }
    begun = true
  }
}
