import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { applyMergePatch } from '../../../lib/json-merge-patch.ts'
import { type Client, clientOf } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import { DRY_RUN, type DryRunOption, dryRunOption, isDryRun } from '../../dry-run.ts'
import { CliError, usageError } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { note, print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural, type Resource, type ResourceKind, resourceName } from '../../resources/resource.ts'
import { notFound } from '../../resources/search.ts'
import { assertSelects, isSelecting, withSelectors } from '../../resources/selectors.ts'
import { findWanted, nothingFound, type WantedOptions, wantedBy } from '../../resources/wanted.ts'
import { editable, unplaced, withTexts } from './editable.ts'

interface Options extends ServerOption, NamespaceOption, WantedOptions, DryRunOption {
  readonly patch?: string
  readonly patchFile?: string
}

type Patch = Readonly<Record<string, unknown>>

const MOST_ATTEMPTS = 5

const HELP = `
A patch is a part of a manifest, in JSON or YAML: its properties replace those of the resource, maps are merged, and null
removes a property.
`

export const addPatch = (program: Command): void => {
  const command = program
    .command('patch')
    .summary('change properties of resources by a patch')
    .description('Changes properties of resources by a merge patch.')
    .argument('<kind>', `one of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME')
    .option('-p, --patch <patch>', 'the patch')
    .option('--patch-file <path>', 'a file with the patch')
    .addOption(
      new Option('--type <type>', 'the type of the patch; both are the same for these kinds')
        .choices(['merge', 'strategic'])
        .default('merge'),
    )
    .addOption(dryRunOption('print what would change, as the engine decides, and change nothing'))
    .addHelpText(
      'after',
      HELP +
        examplesText([
          `hark patch listener backend -n west -p '{"spec":{"port":9090}}'`,
          `hark patch connector/backend -n east -p 'spec: {host: null, selector: app=backend}'`,
          'hark patch listeners -n west -l app=backend --patch-file patch.yaml --dry-run',
        ]),
    )
    .action((kind: string, names: readonly string[], options: Options) => patchAll([kind, ...names], options))
  withServer(withNamespace(withSelectors(command)))
}

const readPatch = async ({ patch, patchFile }: Options): Promise<Patch> => {
  if ((patch === undefined) === (patchFile === undefined)) throw usageError('use -p or --patch-file')
  const { parse } = await import('yaml')
  try {
    const value: unknown = parse(patch ?? (await readFile(patchFile as string, 'utf8')))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Patch
  } catch (error) {
    throw new CliError(`the patch cannot be read: ${(error as Error).message.split('\n')[0]}`)
  }
  throw usageError('the patch must be a map, such as {"spec":{"port":9090}}')
}

const patchAll = async (words: readonly string[], options: Options): Promise<void> => {
  assertSelects(options)
  const patch = await readPatch(options)
  const client = clientOf(options)
  const wanted = await wantedBy(words, options)
  if (!isSelecting(options) && wanted.some(({ names }) => names.length === 0))
    throw usageError('name resources, or use -l or --field-selector')
  const found = await findWanted(client, wanted, options)
  const failures = found.flatMap(({ missing }) => missing)
  const targets = found.flatMap(({ kind, resources }) => resources.map(resource => ({ kind, resource })))
  for (const { kind, resource } of targets) {
    try {
      print(await patchOne(client, kind, resource, patch, isDryRun(options.dryRun)))
    } catch (error) {
      if (!(error instanceof ServerError)) throw error
      failures.push(...error.lines)
    }
  }
  if (failures.length > 0) throw new CliError([...new Set(failures)])
  if (targets.length === 0) note(nothingFound(wanted))
}

const isConflict = ({ errors }: ServerError): boolean =>
  errors.every(({ extensions }) => extensions?.code === 'CONFLICT')

const identityOf = (manifest: object): string => {
  const { apiVersion, kind, metadata } = manifest as { apiVersion?: unknown; kind?: unknown; metadata?: Patch }
  return JSON.stringify([apiVersion, kind, metadata?.name, metadata?.namespace])
}

/** Without labels, a patch that removes one would be invalid. */
const patchedManifest = (kind: ResourceKind, resource: Resource, patch: Patch): object => {
  const manifest = editable(kind, resource)
  const patched = applyMergePatch(withTexts(manifest), patch)
  if (identityOf(patched) !== identityOf(manifest))
    throw usageError('a patch cannot change the kind, name or namespace of a resource')
  return withTexts(patched)
}

/** Patches the newest state if the resource has changed since it was read. */
const patchOne = async (
  client: Client,
  kind: ResourceKind,
  resource: Resource,
  patch: Patch,
  dryRun: boolean,
): Promise<string> => {
  const { applyManifests } = await import('../../manifests/apply-manifests.ts')
  const { namespace, name } = resource.metadata
  let current = resource
  for (let attempt = 1; ; attempt += 1) {
    const document = unplaced(patchedManifest(kind, current, patch), resourceName(kind.kind, name))
    const { results, failure } = await applyManifests(client, [document], namespace, { dryRun, mustExist: true })
    if (failure === undefined) {
      const how = results[0]?.action === 'Unchanged' ? ' (no change)' : ''
      return `${resourceName(kind.kind, name)} patched${how}${dryRun ? DRY_RUN : ''}`
    }
    if (!isConflict(failure) || attempt === MOST_ATTEMPTS) throw failure
    const [newest] = await kind.list(client, { namespace, name })
    if (newest === undefined) throw new CliError(notFound(kind, name, namespace))
    current = newest
  }
}
