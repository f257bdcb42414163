import { type Command, Option } from 'commander'
import { printable } from '../../lib/printable.ts'
import { type Client, clientOf } from '../client/client.ts'
import type { ServerError } from '../client/errors.ts'
import { executeCommands } from '../client/execute-commands.ts'
import type { CommandInput, UpdateMetadataInput } from '../client/generated.ts'
import type { Outcome } from '../client/request-each.ts'
import { CliError, usageError } from '../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { note, print } from '../output/print.ts'
import { KINDS } from '../resources/kinds.ts'
import {
  assertSelectorAlone,
  assertSelects,
  type SelectorOption,
  type TextMap,
  withSelector,
} from '../resources/labels.ts'
import { plural, type Resource, type ResourceKind, resourceName, singular } from '../resources/resource.ts'
import { noneFound, search } from '../resources/search.ts'
import { type Selected, selectionOf } from '../resources/selection.ts'

interface Options extends ServerOption, NamespaceOption, SelectorOption {
  readonly overwrite?: boolean
  readonly all?: true
  readonly list?: true
}

interface Words {
  readonly field: 'labels' | 'annotations'
  readonly verb: 'label' | 'annotate'
  readonly done: string
  readonly example: string
}

const LABELS: Words = { field: 'labels', verb: 'label', done: 'labeled', example: 'tier=web' }
const ANNOTATIONS: Words = { field: 'annotations', verb: 'annotate', done: 'annotated', example: 'contact="on call"' }

interface Target {
  readonly kind: ResourceKind
  readonly namespace: string
  readonly metadata: Resource['metadata']
}

type Patch = Readonly<Record<string, string | null>>

const CHANGE = /=|-$/

const patchOf = (words: readonly string[]): Patch => {
  const changes = words.map((word): [string, string | null] => {
    const at = word.indexOf('=')
    return at < 0 ? [word.slice(0, -1), null] : [word.slice(0, at), word.slice(at + 1)]
  })
  const twice = changes.find(([key], index) => changes.findIndex(([other]) => other === key) !== index)
  if (twice !== undefined) throw usageError(`'${twice[0]}' is given twice`)
  return Object.fromEntries(changes)
}

const define = (program: Command, words: Words): void => {
  const { field, verb, example } = words
  const key = example.split('=')[0]
  const command = program
    .command(verb)
    .summary(`change ${field}`)
    .description(`Changes ${field} of resources: KEY=VALUE sets one, KEY- removes one. Their generation stays.`)
    .argument('<kind>', `one or more of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', `names of the kind, or more KIND/NAME; then KEY=VALUE and KEY-`)
    .addOption(new Option('--overwrite', 'change keys that have other values'))
    .option('--all', 'all resources of the kind in the namespace')
    .option('--list', `print the ${field}`)
    .addHelpText(
      'after',
      examplesText([
        `hark ${verb} listener backend ${example} -n west`,
        `hark ${verb} listener/backend connector/backend ${example} --overwrite`,
        `hark ${verb} listeners -l app=backend ${key}-`,
        `hark ${verb} listener backend --list`,
      ]),
    )
    .action((kind: string, rest: readonly string[], options: Options) => run(words, [kind, ...rest], options))
  withServer(withNamespace(withSelector(command)))
}

export const addLabel = (program: Command): void => define(program, LABELS)
export const addAnnotate = (program: Command): void => define(program, ANNOTATIONS)

const run = async (words: Words, given: readonly string[], options: Options): Promise<void> => {
  const [references, changes] = [given.filter(word => !CHANGE.test(word)), given.filter(word => CHANGE.test(word))]
  assertSelects(options.selector, options.all)
  const selection = selectionOf(references, KINDS)
  assertSelectorAlone(selection, options)
  const isNamed = selection.every(({ names }) => names.length > 0)
  if (!isNamed && options.selector === undefined && !options.all)
    throw usageError(`name resources, or use -l, or --all`)
  const patch = patchOf(changes)
  if (changes.length === 0 && !options.list) throw usageError('nothing to change: write KEY=VALUE or KEY-')
  const client = clientOf(options)
  const scope = { namespace: options.namespace, labelSelector: options.selector }
  const found = await Promise.all(
    selection.map(async selected => ({ kind: selected.kind, ...(await search(client, selected, scope)) })),
  )
  const failures = found.flatMap(({ missing }) => missing)
  const changeOf = ({ namespace, metadata: { name } }: Target): UpdateMetadataInput => ({
    namespace,
    name,
    [words.field]: patch,
    overwrite: options.overwrite ?? false,
  })
  const targets = found.flatMap(({ kind, resources }) =>
    resources.map(({ metadata }): Target => ({ kind, namespace: metadata.namespace, metadata })),
  )
  const outcomes = changes.length === 0 ? unchanged(targets) : change(client, targets, changeOf)
  for await (const { item, rejection } of outcomes) {
    if (rejection === undefined) report(words, item, patch, options)
    else failures.push(...linesOf(rejection))
  }
  if (failures.length > 0) throw new CliError([...new Set(failures)])
  if (found.every(({ resources }) => resources.length === 0)) note(noneFound(kindsOf(selection), scope))
}

const kindsOf = (selection: readonly Selected<ResourceKind>[]): readonly ResourceKind[] =>
  selection.map(({ kind }) => kind)

const outcome = ({ verb, done }: Words, before: TextMap, patch: Patch): string => {
  const changed = Object.entries(patch).filter(([key, value]) =>
    value === null ? Object.hasOwn(before, key) : before[key] !== value,
  )
  if (changed.length === 0) return `not ${done}`
  return verb === 'label' && changed.every(([, value]) => value === null) ? 'unlabeled' : done
}

const unchanged = (targets: readonly Target[]): readonly Outcome<Target, void>[] =>
  targets.map(item => ({ item, result: undefined }))

const change = (
  client: Client,
  targets: readonly Target[],
  changeOf: (target: Target) => UpdateMetadataInput,
): AsyncIterable<Outcome<Target, void>> =>
  executeCommands(client, targets, {
    commandOf: target => ({ [`update${target.kind.kind}Metadata`]: changeOf(target) }) as CommandInput,
    alone: target => client.request(target.kind.metadataUpdate, { input: changeOf(target) }),
  })

const linesOf = ({ errors, lines }: ServerError): readonly string[] => {
  const isTaken = errors.some(({ extensions }) => extensions?.code === 'ALREADY_EXISTS')
  return isTaken ? lines.map(line => `${line}: use --overwrite`) : lines
}

const report = (words: Words, { kind, metadata }: Target, patch: Patch, { list }: Options): void => {
  const before = metadata[words.field] as TextMap
  for (const [key, value] of Object.entries(patch))
    if (value === null && !Object.hasOwn(before, key)) note(`${singular(kind)} ${metadata.name} has no ${key}`)
  if (Object.keys(patch).length > 0) print(`${resourceName(kind.kind, metadata.name)} ${outcome(words, before, patch)}`)
  if (!list) return
  for (const [key, value] of Object.entries({ ...before, ...patch }))
    if (value !== null) print(`${key}=${printable(value)}`)
}
