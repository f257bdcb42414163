import type { Command } from 'commander'
import { printable } from '../../../lib/printable.ts'
import { clientOf } from '../../client/client.ts'
import type { ServerError } from '../../client/errors.ts'
import type { Outcome } from '../../client/request-each.ts'
import { DRY_RUN, type DryRunOption, dryRunOption, isDryRun } from '../../dry-run.ts'
import { CliError, usageError } from '../../errors.ts'
import {
  examplesText,
  type NamespaceOption,
  repeated,
  type ServerOption,
  withNamespace,
  withServer,
} from '../../options.ts'
import { note, print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import type { TextMap } from '../../resources/labels.ts'
import { plural, resourceName, singular } from '../../resources/resource.ts'
import { assertSelects, isSelecting, withSelectors } from '../../resources/selectors.ts'
import { findWanted, nothingFound, type WantedOptions, wantedBy } from '../../resources/wanted.ts'
import { type Field, isChange, type Patch, patched, patchOf, type Target, textsOf } from './patch.ts'

interface Options extends ServerOption, NamespaceOption, WantedOptions, DryRunOption {
  readonly overwrite?: boolean
  readonly list?: true
  readonly resourceVersion?: string
}

interface Words {
  readonly field: Field
  readonly verb: 'label' | 'annotate'
  readonly done: string
  readonly example: string
}

const LABELS: Words = { field: 'labels', verb: 'label', done: 'labeled', example: 'tier=web' }
const ANNOTATIONS: Words = { field: 'annotations', verb: 'annotate', done: 'annotated', example: 'contact="on call"' }

const define = (program: Command, words: Words): void => {
  const { field, verb, example } = words
  const key = example.split('=')[0]
  const command = program
    .command(verb)
    .summary(`change ${field}`)
    .description(`Changes ${field} of resources: KEY=VALUE sets one, KEY- removes one. Their generation stays.`)
    .argument('[kind]', `one or more of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', `names of the kind, or more KIND/NAME; then KEY=VALUE and KEY-`)
    .option('-f, --filename <path>', 'the resources of a manifest: a file, a folder, or - for standard input', repeated)
    .option('--overwrite', 'change keys that have other values')
    .option('--all', 'all resources of the kind in the namespace')
    .option('-A, --all-namespaces', 'with -l, --field-selector or --all: in all namespaces')
    .option('--list', `print the ${field}`)
    .addOption(dryRunOption('print what would change, as the engine decides, and change nothing'))
    .option('--resource-version <version>', 'reject the change if the resource has changed since this version')
    .addHelpText(
      'after',
      examplesText([
        `hark ${verb} listener backend ${example} -n west`,
        `hark ${verb} listener/backend connector/backend ${example} --overwrite`,
        `hark ${verb} listeners -l app=backend ${key}-`,
        `hark ${verb} listeners --all -A ${example} --dry-run`,
        `hark ${verb} -f west/ -n west ${example}`,
        `hark ${verb} listener backend --list`,
      ]),
    )
    .action((kind: string | undefined, rest: readonly string[], options: Options) =>
      run(
        words,
        [kind, ...rest].filter(word => word !== undefined),
        options,
      ),
    )
  withServer(withNamespace(withSelectors(command)))
}

export const addLabel = (program: Command): void => define(program, LABELS)
export const addAnnotate = (program: Command): void => define(program, ANNOTATIONS)

const run = async (words: Words, given: readonly string[], options: Options): Promise<void> => {
  const changes = given.filter(isChange)
  assertSelects(options)
  const wanted = await wantedBy(
    given.filter(word => !isChange(word)),
    options,
  )
  if (!isSelecting(options) && wanted.some(({ names }) => names.length === 0))
    throw usageError('name resources, or use -l, --field-selector or --all')
  const patch = patchOf(changes)
  if (changes.length === 0 && !options.list) throw usageError('nothing to change: write KEY=VALUE or KEY-')
  const found = await findWanted(clientOf(options), wanted, options)
  const targets = found.flatMap(({ kind, resources }) =>
    resources.map((resource): Target => ({ kind, namespace: resource.metadata.namespace, resource })),
  )
  if (options.resourceVersion !== undefined && targets.length > 1)
    throw usageError('--resource-version is of one resource')
  const failures = found.flatMap(({ missing }) => missing)
  const outcomes = changes.length === 0 ? unchanged(targets) : await outcomesOf(words, targets, patch, options)
  for await (const { item, rejection } of outcomes) {
    if (rejection === undefined) report(words, item, patch, options)
    else failures.push(...linesOf(rejection))
  }
  if (failures.length > 0) throw new CliError([...new Set(failures)])
  if (targets.length === 0) note(nothingFound(wanted))
}

const unchanged = (targets: readonly Target[]): readonly Outcome<Target, void>[] =>
  targets.map(item => ({ item, result: undefined }))

const outcomesOf = async (
  { field }: Words,
  targets: readonly Target[],
  patch: Patch,
  { overwrite = false, resourceVersion, dryRun, ...server }: Options,
): Promise<AsyncIterable<Outcome<Target, void>>> => {
  const { sendChange } = await import('./send.ts')
  return sendChange(clientOf(server), targets, {
    field,
    patch,
    overwrite,
    resourceVersion,
    dryRun: isDryRun(dryRun),
  })
}

const outcome = ({ verb, done }: Words, before: TextMap, patch: Patch): string => {
  const changed = Object.entries(patch).filter(([key, value]) =>
    value === null ? Object.hasOwn(before, key) : before[key] !== value,
  )
  if (changed.length === 0) return `not ${done}`
  return verb === 'label' && changed.every(([, value]) => value === null) ? 'unlabeled' : done
}

const linesOf = ({ errors, lines }: ServerError): readonly string[] => {
  const isTaken = errors.some(({ extensions }) => extensions?.code === 'ALREADY_EXISTS')
  return isTaken ? lines.map(line => `${line}: use --overwrite`) : lines
}

const report = (words: Words, { kind, resource }: Target, patch: Patch, { list, dryRun }: Options): void => {
  const { name } = resource.metadata
  const before = textsOf(resource, words.field)
  for (const [key, value] of Object.entries(patch))
    if (value === null && !Object.hasOwn(before, key)) note(`${singular(kind)} ${name} has no ${key}`)
  if (Object.keys(patch).length > 0)
    print(`${resourceName(kind.kind, name)} ${outcome(words, before, patch)}${isDryRun(dryRun) ? DRY_RUN : ''}`)
  if (!list) return
  for (const [key, value] of Object.entries(patched(before, patch))) print(`${key}=${printable(value)}`)
}
