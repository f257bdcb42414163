import type { Command } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { connectionNotes } from '../client/connection-messages.ts'
import { hadBegun, NOT_BEGUN } from '../client/pagination.ts'
import { warnIfStale } from '../client/readiness.ts'
import { CliError, usageError } from '../errors.ts'
import { type AtOption, withAt } from '../moment.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { formatDocument } from '../output/format.ts'
import { outputOption } from '../output/output-format.ts'
import { note, print } from '../output/print.ts'
import type { Table } from '../output/table.ts'
import { KINDS, pluralsOf } from '../resources/kinds.ts'
import { withLabelColumns } from '../resources/labels.ts'
import { type PrintOptions, printResources, tableFor } from '../resources/print-resources.ts'
import { plural, type Resource, type ResourceKind, toManifest } from '../resources/resource.ts'
import { noneFound, notFound } from '../resources/search.ts'
import { withSelectors } from '../resources/selectors.ts'
import { findWanted, inScope, nothingFound, type Wanted, type WantedOptions, wantedBy } from '../resources/wanted.ts'

interface Options extends ServerOption, NamespaceOption, AtOption, PrintOptions, WantedOptions {
  readonly watch?: true
  readonly watchOnly?: true
  readonly ignoreNotFound?: true
}

const HELP = `
A watch prints deleted resources once more: with the status Deleted, or a deletionTimestamp in JSON and YAML. It continues
when the engine restarts.

Templates of jsonpath and custom-columns are those of kubectl: .spec.port, [*], [0], ['a-key'], ..name, filters such as
[?(@.spec.port==8080)], {range .items[*]}…{end} and quoted text such as {"\\n"}.

Examples:
  hark get listeners                   in the namespace default
  hark get listener/backend connector/backend -n west
  hark get all -A                      resources of all kinds and namespaces
  hark get connectors -A -o wide       with generation, age and uid
  hark get listeners -n west -w        print every change until Ctrl-C
  hark get listeners -A -l app=backend,tier!=test -L tier
  hark get listeners -A --field-selector status.status!=Ready
  hark get -f west/ -n west            the resources of manifests
  hark get listeners -n west --at 2026-11-22T02:14:00Z
  hark get listeners -n west -o yaml   manifests for "hark apply", with status
  hark get lnr backend -n west -o jsonpath={.spec.port}
  hark get listeners -A --sort-by .spec.port -o custom-columns=NAME:.metadata.name,PORT:.spec.port`

const withGetOptions = (command: Command): Command =>
  withServer(
    withNamespace(
      withAt(
        withLabelColumns(withSelectors(command))
          .option('-A, --all-namespaces', 'in all namespaces')
          .option('-w, --watch', 'print changes until Ctrl-C')
          .option('--watch-only', 'the same, without the present state')
          .addOption(outputOption())
          .option('--no-headers', 'print tables without titles')
          .option('--show-kind', 'print names with their kind')
          .option('--sort-by <path>', 'sort by a value, such as .spec.port')
          .option('--ignore-not-found', 'ignore names that do not exist'),
        'their state at that moment',
      ),
    ),
  )

export const addGet = (program: Command): void => {
  const command = program
    .command('get')
    .summary(`list ${pluralsOf(KINDS)}`)
    .description(`Lists ${pluralsOf(KINDS)}, or shows those with the given names.`)
    .argument(
      '[kind]',
      `all, or one or more of ${KINDS.map(plural).join(', ')}, such as listener, lnr or listener/NAME`,
    )
    .argument('[name...]', 'names of the kind, or more KIND/NAME')
    .option('-f, --filename <path...>', 'the resources of manifests: files, folders, or - for standard input')
    .addHelpText('after', HELP)
    .action(async (kind: string | undefined, names: readonly string[], options: Options) =>
      get(await wantedBy([kind, ...names], options), options),
    )
  withGetOptions(command)
}

export const defineStatus = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`show the status of ${plural(kind)}`)
    .description(`Lists ${plural(kind)} with their status, or shows those with the given names.`)
    .argument('[name...]', `names of ${plural(kind)} (default: all)`)
    .addHelpText(
      'after',
      examplesText([
        `hark ${command.parent?.name()} status -n west`,
        `hark ${command.parent?.name()} status backend -n west -o yaml`,
      ]),
    )
    .action((names: readonly string[], options: Options) =>
      get(inScope([{ kind: { ...kind, columns: kind.statusColumns ?? kind.columns }, names }], options), options),
    )
  withGetOptions(command)
}

const get = async (wanted: readonly Wanted[], given: Options): Promise<void> => {
  const options = given.watchOnly ? { ...given, watch: true as const } : given
  if (options.at !== undefined && options.watch)
    throw usageError('the past does not change: use --at or --watch, not both')
  const client = clientOf(options)
  await (options.watch ? watchOne(client, wanted, options) : list(client, wanted, options))
}

const list = async (client: Client, wanted: readonly Wanted[], options: Options): Promise<void> => {
  const { output, ignoreNotFound, at } = options
  const [found] = await Promise.all([findWanted(client, wanted, options), warnIfStale(client)])
  const isEmpty = found.every(({ resources }) => resources.length === 0)
  if (isEmpty && !(await hadBegun(client, at, wanted[0]?.namespace))) throw new CliError(NOT_BEGUN)
  const missing = ignoreNotFound ? [] : found.flatMap(each => each.missing)
  const names = wanted.flatMap(each => each.names)
  const isTable = output.format === 'table' || output.format === 'wide'
  if (!isEmpty || (names.length === 0 && !isTable)) await printResources(found, names.length === 1, options)
  else if (names.length === 0) note(nothingFound(wanted))
  if (missing.length > 0) throw new CliError(missing)
}

/** A watch lists again after changes that may not match. */
const narrowed = async (kind: ResourceKind, fieldSelector: string | undefined): Promise<ResourceKind> => {
  if (fieldSelector === undefined) return kind
  const { selectedByFields } = await import('../resources/field-selector.ts')
  return selectedByFields(kind, fieldSelector)
}

const watchOne = async (client: Client, wanted: readonly Wanted[], options: Options): Promise<void> => {
  const [selected, another] = wanted
  if (selected === undefined || another !== undefined || selected.names.length > 1)
    throw usageError('--watch takes one kind, and at most one name')
  const { kind, names, namespace } = selected
  if (options.sortBy !== undefined) throw usageError('use --sort-by or --watch, not both')
  const scope = { namespace, labelSelector: options.selector, name: names[0] }
  const watched = await narrowed(kind, options.fieldSelector)
  const { watch } = await import('../resources/watch.ts')
  await warnIfStale(client)
  const table = tableFor(kind, options)
  const { signal } = new AbortController()
  let begun = false
  for await (const resources of watch(watched, client, scope, { signal, ...connectionNotes(client, note) })) {
    const isFirst = !begun
    begun = true
    if (isFirst && resources.length === 0) {
      if (scope.name !== undefined) throw new CliError(notFound(kind, scope.name, scope.namespace))
      note(noneFound([kind], scope))
    } else if (!(isFirst && options.watchOnly)) await printChanged(kind, resources, table, options, isFirst)
  }
}

const printChanged = async (
  kind: ResourceKind,
  resources: readonly Resource[],
  table: Table<Resource>,
  options: Options,
  isFirst: boolean,
): Promise<void> => {
  const { format } = options.output
  if (format === 'table' || format === 'wide') {
    for (const line of table.lines(resources)) print(line)
  } else if (format === 'json' || format === 'yaml') {
    for (const each of resources) print(await formatDocument(toManifest(kind, each), format, { oneOfMany: true }))
  } else {
    for (const each of resources)
      await printResources([{ kind, resources: [each] }], true, { ...options, headers: options.headers && isFirst })
  }
}
