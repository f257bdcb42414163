import { type Command, Option } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import type { ServerError } from '../client/errors.ts'
import { executeDeletions } from '../client/execute-commands.ts'
import { DRY_RUN, type DryRunOption, dryRunOption, isDryRun } from '../dry-run.ts'
import { CliError, usageError } from '../errors.ts'
import {
  examplesText,
  type NamespaceOption,
  type ServerOption,
  type WaitOptions,
  withNamespace,
  withServer,
  withWait,
} from '../options.ts'
import { note, print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS, KINDS } from '../resources/kinds.ts'
import { plural, type ResourceKind, resourceName, singular } from '../resources/resource.ts'
import { assertSelects, isSelecting, withSelectors } from '../resources/selectors.ts'
import type { Awaited } from '../resources/wait.ts'
import { findWanted, nothingFound, type Wanted, type WantedOptions, wantedBy } from '../resources/wanted.ts'

interface Options extends ServerOption, NamespaceOption, WaitOptions, WantedOptions, DryRunOption {
  readonly ignoreNotFound?: true
  readonly output?: 'name'
}

const HELP = `
The history is kept.

Examples:
  hark delete listener backend -n west
  hark delete listener/backend connector/backend -n east --ignore-not-found
  hark delete listeners -l app=backend -n west --dry-run
  hark delete listeners -A --field-selector status.status=Error --dry-run
  hark delete -f west/ -n west`

const withDeleteOptions = (command: Command): Command =>
  withServer(
    withNamespace(
      withWait(
        command
          .option('--ignore-not-found', 'succeed if a resource does not exist')
          .addOption(dryRunOption('print what would be deleted, as the engine decides, and delete nothing'))
          .addOption(new Option('-o, --output <format>', 'print names alone').choices(['name'])),
        'nothing is left of it',
      ),
    ),
  )

export const defineDelete = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`delete a ${singular(kind)}`)
    .description(`Deletes ${plural(kind)}. The history is kept.`)
    .argument('<name...>', `the name of the ${singular(kind)}, or several`)
    .addHelpText(
      'after',
      examplesText([`hark ${singular(kind)} delete ${kind.kind === 'Site' ? 'west' : 'backend'} -n west`]),
    )
    .action((names: readonly string[], options: Options) =>
      deleteResources(
        names.map(name => ({ kind, namespace: options.namespace, name })),
        options,
      ),
    )
  withDeleteOptions(command)
}

export const addDelete = (program: Command): void => {
  const command = program
    .command('delete')
    .summary(`delete ${aKind(KINDS)}`)
    .description(`Deletes ${aKind(KINDS)}, or several, or those of manifests.`)
    .argument('[kind]', `one of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME')
    .option('-f, --filename <path...>', 'the resources of manifests: files, folders, or - for standard input')
    .option('--all', 'all resources of the kind in the namespace')
    .option('-A, --all-namespaces', 'with -l, --field-selector or --all: in all namespaces')
    .addHelpText('after', HELP)
    .action(async (kind: string | undefined, names: readonly string[], options: Options) =>
      deleteResources(await targetsOf([kind, ...names], options), options),
    )
  withDeleteOptions(withSelectors(command))
}

const targetsOf = async (words: readonly (string | undefined)[], options: Options): Promise<readonly Awaited[]> => {
  assertSelects(options)
  const wanted = await wantedBy(words, options)
  if (isSelecting(options)) return selectedResources(wanted, options)
  return wanted.flatMap(({ kind, names, namespace = options.namespace }) => {
    if (names.length === 0) throw usageError(`the name of a ${singular(kind)} is missing`)
    return names.map(name => ({ kind, namespace, name }))
  })
}

const selectedResources = async (wanted: readonly Wanted[], options: Options): Promise<readonly Awaited[]> => {
  const found = await findWanted(clientOf(options), wanted, options)
  const targets = found.flatMap(({ kind, resources }) =>
    resources.map(({ metadata: { namespace, name } }): Awaited => ({ kind, namespace, name })),
  )
  if (targets.length === 0) note(nothingFound(wanted))
  return targets
}

const isNotFound = ({ errors }: ServerError): boolean =>
  errors.every(({ extensions }) => extensions?.code === 'NOT_FOUND')

/** Sites with resources are not deleted. */
const inPhases = (targets: readonly Awaited[]): readonly (readonly Awaited[])[] => {
  const isSite = ({ kind }: Awaited): boolean => kind.kind === 'Site'
  return [targets.filter(target => !isSite(target)), targets.filter(isSite)]
}

const deletedLine = ({ kind, name }: Awaited, { output, dryRun }: Options): string => {
  const text = resourceName(kind.kind, name)
  return output === 'name' ? text : `${text} deleted${isDryRun(dryRun) ? DRY_RUN : ''}`
}

const isInUse = ({ kind }: Awaited, { errors }: ServerError): boolean =>
  kind.kind === 'Site' && errors.every(({ extensions }) => extensions?.code === 'CONFLICT')

/** After a dry run, the resources of a site are still there. */
const isEmptied = async (
  client: Client,
  { namespace }: Pick<Awaited, 'namespace'>,
  deleted: readonly Awaited[],
): Promise<boolean> => {
  const idOf = (kind: ResourceKind, name: string): string => `${kind.kind} ${name}`
  const names = new Set(deleted.filter(each => each.namespace === namespace).map(({ kind, name }) => idOf(kind, name)))
  for (const kind of CONDITIONED_KINDS) {
    const left = await kind.list(client, { namespace })
    if (!left.every(({ metadata }) => names.has(idOf(kind, metadata.name)))) return false
  }
  return true
}

const deleteResources = async (targets: readonly Awaited[], options: Options): Promise<void> => {
  const client = clientOf(options)
  const failures: string[] = []
  const deleted: Awaited[] = []
  const dryRun = isDryRun(options.dryRun)
  for (const phase of inPhases(targets)) {
    for await (const { item, rejection } of executeDeletions(client, phase, dryRun)) {
      const isDone =
        rejection === undefined || (dryRun && isInUse(item, rejection) && (await isEmptied(client, item, deleted)))
      if (isDone) {
        print(deletedLine(item, options))
        deleted.push(item)
      } else if (!(options.ignoreNotFound && isNotFound(rejection))) failures.push(...rejection.lines)
    }
  }
  if (options.wait && !dryRun) {
    const { DELETED, waitFor } = await import('../resources/wait.ts')
    await waitFor(client, deleted, DELETED, options.timeout)
  }
  if (failures.length > 0) throw new CliError([...new Set(failures)])
}
