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
import { KINDS, pluralsOf } from '../resources/kinds.ts'
import { assertSelectorAlone, type SelectorOption, withLabelColumns, withSelector } from '../resources/labels.ts'
import { type PrintOptions, printResources, tableFor } from '../resources/print-resources.ts'
import { plural, type ResourceKind, type Scope, toManifest } from '../resources/resource.ts'
import { noneFound, notFound, search } from '../resources/search.ts'
import { type Selected, selectionOf } from '../resources/selection.ts'

interface Options extends ServerOption, NamespaceOption, AtOption, PrintOptions, SelectorOption {
  readonly watch?: true
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
  hark get listeners -n west --at 2026-11-22T02:14:00Z
  hark get listeners -n west -o yaml   manifests for "hark apply", with status
  hark get lnr backend -n west -o jsonpath={.spec.port}
  hark get listeners -A --sort-by .spec.port -o custom-columns=NAME:.metadata.name,PORT:.spec.port`

const withGetOptions = (command: Command): Command =>
  withServer(
    withNamespace(
      withAt(
        withLabelColumns(withSelector(command))
          .option('-A, --all-namespaces', 'in all namespaces')
          .option('-w, --watch', 'print changes until Ctrl-C')
          .addOption(outputOption())
          .option('--no-headers', 'print tables without titles')
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
      '<kind>',
      `all, or one or more of ${KINDS.map(plural).join(', ')}, such as listener, lnr or listener/NAME`,
    )
    .argument('[name...]', 'names of the kind, or more KIND/NAME')
    .addHelpText('after', HELP)
    .action((kind: string, names: readonly string[], options: Options) =>
      get(selectionOf([kind, ...names], KINDS), options),
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
      get([{ kind: { ...kind, columns: kind.statusColumns ?? kind.columns }, names }], options),
    )
  withGetOptions(command)
}

const get = async (selection: readonly Selected<ResourceKind>[], options: Options): Promise<void> => {
  const isNamed = selection.some(({ names }) => names.length > 0)
  if (isNamed && options.allNamespaces) {
    throw usageError('a name needs a namespace: use -n instead of -A, or omit the name')
  }
  const { at } = options
  if (at !== undefined && options.watch) throw usageError('the past does not change: use --at or --watch, not both')
  assertSelectorAlone(selection, options)
  const namespace = options.allNamespaces ? undefined : options.namespace
  const scope = { namespace, at, labelSelector: options.selector }
  const client = clientOf(options)
  await (options.watch ? watchOne(client, selection, scope, options) : list(client, selection, scope, options))
}

const list = async (
  client: Client,
  selection: readonly Selected<ResourceKind>[],
  scope: Scope,
  options: Options,
): Promise<void> => {
  const { output, ignoreNotFound } = options
  const [found] = await Promise.all([
    Promise.all(selection.map(async selected => ({ kind: selected.kind, ...(await search(client, selected, scope)) }))),
    warnIfStale(client),
  ])
  const isEmpty = found.every(({ resources }) => resources.length === 0)
  if (isEmpty && !(await hadBegun(client, scope.at, scope.namespace))) throw new CliError(NOT_BEGUN)
  const missing = ignoreNotFound ? [] : found.flatMap(each => each.missing)
  const wanted = selection.flatMap(({ names }) => names)
  const isTable = output.format === 'table' || output.format === 'wide'
  if (!isEmpty || (wanted.length === 0 && !isTable)) await printResources(found, wanted.length === 1, options)
  else if (wanted.length === 0)
    note(
      noneFound(
        selection.map(({ kind }) => kind),
        scope,
      ),
    )
  if (missing.length > 0) throw new CliError(missing)
}

const watchOne = async (
  client: Client,
  selection: readonly Selected<ResourceKind>[],
  all: Scope,
  options: Options,
): Promise<void> => {
  const [selected, another] = selection
  const { kind, names } = selected as Selected<ResourceKind>
  if (another !== undefined || names.length > 1) throw usageError('--watch takes one kind, and at most one name')
  const { output } = options
  if (options.sortBy !== undefined) throw usageError('use --sort-by or --watch, not both')
  const scope = { ...all, name: names[0] }
  const { watch } = await import('../resources/watch.ts')
  await warnIfStale(client)
  const table = tableFor(kind, options)
  const { signal } = new AbortController()
  let begun = false
  for await (const resources of watch(kind, client, scope, { signal, ...connectionNotes(client, note) })) {
    if (!begun && resources.length === 0) {
      if (scope.name !== undefined) throw new CliError(notFound(kind, scope.name, scope.namespace))
      note(noneFound([kind], scope))
    } else if (output.format === 'table' || output.format === 'wide') {
      for (const line of table.lines(resources)) print(line)
    } else if (output.format === 'json' || output.format === 'yaml') {
      for (const each of resources)
        print(await formatDocument(toManifest(kind, each), output.format, { oneOfMany: true }))
    } else {
      for (const each of resources)
        await printResources([{ kind, resources: [each] }], true, { ...options, headers: options.headers && !begun })
    }
    begun = true
  }
}
