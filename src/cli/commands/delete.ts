import type { Command } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import type { ServerError } from '../client/errors.ts'
import { executeDeletions } from '../client/execute-commands.ts'
import { requestEach } from '../client/request-each.ts'
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
import { alternatives } from '../output/text.ts'
import { aKind, KINDS } from '../resources/kinds.ts'
import { assertSelectorAlone, assertSelects, type SelectorOption, withSelector } from '../resources/labels.ts'
import { plural, type ResourceKind, resourceName, singular } from '../resources/resource.ts'
import { noneFound, notFound } from '../resources/search.ts'
import { type Selected, selectionOf } from '../resources/selection.ts'
import type { Awaited } from '../resources/wait.ts'

interface Options extends ServerOption, NamespaceOption, WaitOptions, SelectorOption {
  readonly filename?: readonly string[]
  readonly ignoreNotFound?: true
  readonly dryRun?: true
  readonly all?: true
}

const HELP = `
The history is kept.

Examples:
  hark delete listener backend -n west
  hark delete listener/backend connector/backend -n east --ignore-not-found
  hark delete listeners -l app=backend -n west --dry-run
  hark delete -f west/ -n west`

const withDeleteOptions = (command: Command): Command =>
  withServer(
    withNamespace(
      withWait(
        command
          .option('--ignore-not-found', 'succeed if a resource does not exist')
          .option('--dry-run', 'print what would be deleted, and delete nothing'),
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
        names.map(name => ({ kind, name })),
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
    .addHelpText('after', HELP)
    .action(async (kind: string | undefined, names: readonly string[], options: Options) =>
      deleteResources(await targetsOf(kind, names, options), options),
    )
  withDeleteOptions(withSelector(command))
}

interface Target {
  readonly kind: ResourceKind
  readonly name: string
  readonly namespace?: string
}

const targetsOf = async (
  kind: string | undefined,
  names: readonly string[],
  options: Options,
): Promise<readonly Target[]> => {
  const { filename, namespace, selector, all } = options
  if ((kind === undefined) === (filename === undefined)) throw usageError('name resources, or use -f')
  if (kind === undefined) {
    if (selector !== undefined || all) throw usageError('-l and --all need a kind')
    return ofManifests(filename as readonly string[], namespace)
  }
  assertSelects(selector, all)
  const selection = selectionOf([kind, ...names], KINDS)
  assertSelectorAlone(selection, options)
  return selector === undefined && !all ? namedResources(selection) : selectedResources(selection, options)
}

const selectedResources = async (
  selection: readonly Selected<ResourceKind>[],
  options: Options,
): Promise<readonly Target[]> => {
  const { namespace, selector } = options
  const scope = { namespace, labelSelector: selector }
  const client = clientOf(options)
  const found = await Promise.all(
    selection.map(async ({ kind }) =>
      (await kind.list(client, scope)).map(({ metadata }): Target => ({ kind, name: metadata.name })),
    ),
  )
  if (found.flat().length === 0)
    note(
      noneFound(
        selection.map(({ kind }) => kind),
        scope,
      ),
    )
  return found.flat()
}

const namedResources = (selection: readonly Selected<ResourceKind>[]): readonly Target[] =>
  selection.flatMap(({ kind, names }) => {
    if (names.length === 0) throw usageError(`the name of a ${singular(kind)} is missing`)
    return names.map(name => ({ kind, name }))
  })

const ofManifests = async (paths: readonly string[], namespace: string): Promise<readonly Target[]> => {
  const { readManifests } = await import('../manifests/read-manifests.ts')
  const { targetOf: manifestTargetOf } = await import('../manifests/manifest-target.ts')
  const { documents, faults } = await readManifests(paths)
  if (faults.length > 0) throw new CliError(faults)
  return documents.flatMap(({ value, where }): Target[] => {
    const target = manifestTargetOf(value, namespace)
    if (target === undefined) note(`${where('')} skipped: names no ${alternatives(KINDS.map(singular))}`)
    return target === undefined ? [] : [target]
  })
}

const isNotFound = ({ errors }: ServerError): boolean =>
  errors.every(({ extensions }) => extensions?.code === 'NOT_FOUND')

/** Sites with resources are not deleted. */
const inPhases = (targets: readonly Awaited[]): readonly (readonly Awaited[])[] => {
  const isSite = ({ kind }: Awaited): boolean => kind.kind === 'Site'
  return [targets.filter(target => !isSite(target)), targets.filter(isSite)]
}

/** Whether a site may be deleted is up to the engine. */
const showDeletions = async (
  client: Client,
  targets: readonly Awaited[],
  { ignoreNotFound }: Options,
): Promise<void> => {
  const missing: string[] = []
  const found = requestEach(targets, ({ kind, namespace, name }) => kind.list(client, { namespace, name }))
  for await (const outcome of found) {
    const { kind, namespace, name } = outcome.item
    if (outcome.rejection !== undefined) throw outcome.rejection
    if (outcome.result.length > 0) print(`${resourceName(kind.kind, name)} deleted (dry run)`)
    else if (!ignoreNotFound) missing.push(notFound(kind, name, namespace))
  }
  if (missing.length > 0) throw new CliError(missing)
}

const deleteResources = async (given: readonly Target[], options: Options): Promise<void> => {
  const client = clientOf(options)
  const failures: string[] = []
  const deleted: Awaited[] = []
  const targets = given.map(target => ({ namespace: options.namespace, ...target }))
  if (options.dryRun) return showDeletions(client, inPhases(targets).flat(), options)
  for (const phase of inPhases(targets)) {
    for await (const { item, rejection } of executeDeletions(client, phase)) {
      if (rejection === undefined) {
        print(`${resourceName(item.kind.kind, item.name)} deleted`)
        deleted.push(item)
      } else if (!(options.ignoreNotFound && isNotFound(rejection))) failures.push(...rejection.lines)
    }
  }
  if (options.wait) {
    const { DELETED, waitFor } = await import('../resources/wait.ts')
    await waitFor(client, deleted, DELETED, options.timeout)
  }
  if (failures.length > 0) throw new CliError([...new Set(failures)])
}
