import { type Command, Option } from 'commander'
import type { Client } from '../client/client.ts'
import {
  type ComparedListenerFragment,
  ComparedListenersDocument,
  type ComparedMultiKeyListenerFragment,
  ComparedMultiKeyListenersDocument,
  HeadDocument,
  RouterConfigDiffDocument,
} from '../client/generated.ts'
import { collect, pages } from '../client/pagination.ts'
import { type SourceOptions, withClient, withSource } from '../client/with-client.ts'
import { CliError, diffFailure, EXIT, usageError } from '../errors.ts'
import { differenceLines } from '../history/change-lines.ts'
import type { EntityDifferences, ResourceDifferences } from '../history/changes.ts'
import { inOrder, MOMENT, type Moment, moment } from '../moment.ts'
import { type NamespaceOption, withNamespace } from '../options.ts'
import { formatDocument } from '../output/format.ts'
import { note, print } from '../output/print.ts'
import { type SelectorOption, withSelector } from '../resources/selectors.ts'

interface Options extends SourceOptions, NamespaceOption, SelectorOption {
  readonly filename?: readonly string[]
  readonly from?: Moment
  readonly to?: Moment
  readonly listener?: string
  readonly output: 'text' | 'json' | 'yaml'
}

const HELP = `
With -f it compares the specs of resources of all kinds with those in manifests, as "hark apply" would change
them. Exit status then: 0 no differences, 1 differences, 2 or more: failed.

Examples:
  hark diff -f manifests/ -n west
  hark diff -n west --from 2026-11-22T02:00:00Z --to 2026-11-22T02:14:00Z
  hark diff -n west --listener backend --from 2026-11-22T02:00:00Z`

export const addDiff = (program: Command): void => {
  const command = program
    .command('diff')
    .summary('compare manifests with the engine, or two moments')
    .description(
      'Compares manifests with resources, or the status of listeners and multikeylisteners and the router configuration at two moments.',
    )
    .option('-f, --filename <path...>', 'manifests: files, folders, or - for standard input')
    .option('--from <moment>', `the earlier moment: ${MOMENT}`, moment)
    .option('--to <moment>', 'the later moment (default: now)', moment)
    .option('--listener <name>', 'of two moments, only this listener and its entity')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((options: Options) => (options.filename === undefined ? diff(options) : diffManifests(options)))
  withSource(withNamespace(withSelector(inOrder(command), 'with -f, only manifests whose labels match')))
}

const listenersAt = (client: Client, namespace: string, at: Moment): Promise<ComparedListenerFragment[]> =>
  collect(pages(async after => (await client.request(ComparedListenersDocument, { namespace, at, after })).listeners))

const multiKeyListenersAt = (
  client: Client,
  namespace: string,
  at: Moment,
): Promise<ComparedMultiKeyListenerFragment[]> =>
  collect(
    pages(
      async after =>
        (await client.request(ComparedMultiKeyListenersDocument, { namespace, at, after })).multiKeyListeners,
    ),
  )

interface Named {
  readonly metadata: { readonly name: string }
}

interface Difference<R> {
  readonly name: string
  readonly before: R | null
  readonly after: R | null
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const differences = <R extends Named>(before: readonly R[], after: readonly R[]): Difference<R>[] => {
  const byName = (resources: readonly R[]) => new Map(resources.map(each => [each.metadata.name, each]))
  const [then, now] = [byName(before), byName(after)]
  return [...new Set([...then.keys(), ...now.keys()])]
    .filter(name => !isSame(then.get(name), now.get(name)))
    .sort()
    .map(name => ({ name, before: then.get(name) ?? null, after: now.get(name) ?? null }))
}

const diffManifests = async ({ filename = [], namespace, selector, ...options }: Options): Promise<void> => {
  if (options.from !== undefined) throw usageError('use -f or --from, not both')
  if (options.to !== undefined || options.listener !== undefined || options.output !== 'text')
    throw usageError('--to, --listener and -o belong to --from')
  const lines = await withClient(options, async client => {
    const { compareManifests } = await import('../manifests/compare.ts')
    return compareManifests(client, filename, namespace, selector)
  }).catch(error => {
    throw diffFailure(error)
  })
  for (const line of lines) print(line)
  if (lines.length > 0) throw new CliError([], EXIT.failed)
}

const diff = (options: Options): Promise<void> =>
  withClient(options, async client => {
    const { namespace, from, listener, output, selector } = options
    if (from === undefined) throw usageError('name manifests with -f, or a moment with --from')
    if (selector !== undefined) throw usageError('-l belongs to -f')
    const to = options.to ?? { position: (await client.request(HeadDocument, {})).head }
    const { routerConfigDiff } = await client.request(RouterConfigDiffDocument, { namespace, from, to })
    const scope = [client, namespace] as const
    const all: ResourceDifferences = {
      listeners: differences(await listenersAt(...scope, from), await listenersAt(...scope, to)),
      multiKeyListeners: differences(
        await multiKeyListenersAt(...scope, from),
        await multiKeyListenersAt(...scope, to),
      ),
    }
    const changed = listener === undefined ? all : ofOneListener(all, listener)
    const entities = ofListener(routerConfigDiff, listener)
    if (output !== 'text') print(await formatDocument({ ...changed, routerConfig: entities }, output))
    else {
      const lines = differenceLines(changed, entities)
      for (const line of lines) print(line)
      if (lines.length === 0) note('No differences.')
    }
  })

const ofOneListener = ({ listeners }: ResourceDifferences, listener: string): ResourceDifferences => ({
  listeners: listeners.filter(({ name }) => name === listener),
  multiKeyListeners: [],
})

const ofListener = (
  { added, removed, changed }: EntityDifferences,
  listener: string | undefined,
): EntityDifferences => {
  const isOwn = ({ name }: { readonly name: string }): boolean =>
    listener === undefined || name === `listener/${listener}` || name.startsWith(`listener/${listener}@`)
  return { added: added.filter(isOwn), removed: removed.filter(isOwn), changed: changed.filter(isOwn) }
}
