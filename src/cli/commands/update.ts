import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { ApplyDocument } from '../client/generated.ts'
import { CliError, usageError } from '../errors.ts'
import { locateErrors } from '../manifests/locate-errors.ts'
import {
  examplesOf,
  type NamespaceOption,
  type ServerOption,
  type WaitOptions,
  withNamespace,
  withServer,
  withWait,
} from '../options.ts'
import { print } from '../output/print.ts'
import { alternatives } from '../output/text.ts'
import { aKind, BY_KIND, CONDITIONED_KINDS, KINDS } from '../resources/kinds.ts'
import {
  type ConditionedKind,
  type ConditionedResource,
  resourceName,
  singular,
  toManifest,
  withoutNulls,
} from '../resources/resource.ts'
import { notFound } from '../resources/search.ts'
import { type StrategyFlags, strategyOf } from '../resources/strategy.ts'
import { defineSiteUpdate } from './nouns/site-update.ts'

interface Changes {
  readonly routingKey?: string
  readonly host?: string
  readonly selector?: string
  readonly port?: number
  readonly strategy?: object | undefined
}

type Options = Changes & StrategyFlags & ServerOption & NamespaceOption & WaitOptions

const flagsOf = ({ updates }: ConditionedKind): string =>
  alternatives(updates.options.map(({ long }) => long as string))

export const defineUpdate = (command: Command, kind: ConditionedKind): void => {
  command
    .summary(`change a ${singular(kind)}`)
    .description(
      `Changes a ${singular(kind)}. Properties without a flag keep their values. Others cannot be changed: see hark apply --replace.`,
    )
    .argument('<name>', `the name of the ${singular(kind)}`)
    .addHelpText('after', examplesOf(command, kind.updates.examples))
    .action((name: string, options: Options) => updateResource(kind, name, options))
  for (const option of kind.updates.options) command.addOption(option)
  withServer(withNamespace(withWait(command, 'it has been Ready with the changes')))
}

export const addUpdate = (program: Command): void => {
  const update = program
    .command('update')
    .summary(`change ${aKind(KINDS)}`)
    .description(`Changes ${aKind(KINDS)}.`)
    .helpCommand(false)
  for (const kind of CONDITIONED_KINDS) defineUpdate(update.command(singular(kind)), kind)
  defineSiteUpdate(update.command(singular(BY_KIND.Site)), BY_KIND.Site)
}

const updateResource = async (kind: ConditionedKind, name: string, options: Options): Promise<void> => {
  const { namespace, routingKey, host, selector, port } = options
  const wanted = Object.entries({ routingKey, host, selector, port, strategy: strategyOf(options) }).filter(
    ([, value]) => value !== undefined,
  )
  if (wanted.length === 0) throw usageError(`nothing to change: use ${flagsOf(kind)}`)
  const client = clientOf(options)
  const [resource] = await kind.list(client, { namespace, name })
  if (resource === undefined) throw new CliError(notFound(kind, name, namespace))

  const spec = withoutNulls(resource.spec)
  const changes = Object.fromEntries(wanted.filter(([key, value]) => !isDeepStrictEqual(spec[key], value)))
  const changed = Object.keys(changes).length > 0
  if (changed) await change(client, kind, resource, changes)
  print(`${resourceName(kind.kind, name)} ${changed ? 'configured' : 'unchanged'}`)
  if (!options.wait) return
  const { waitUntilReady } = await import('../resources/wait.ts')
  await waitUntilReady(client, [{ kind: kind.kind, namespace, name }], options.timeout)
}

const merged = (spec: unknown, changes: Changes): object => {
  const { host, selector, ...others } = withoutNulls(spec)
  if (changes.selector !== undefined) return { ...others, ...changes }
  return { ...others, host, ...(changes.host === undefined && { selector }), ...changes }
}

/** Several properties need one manifest, because an intermediate host and port may belong to another listener. */
const change = async (
  client: Client,
  kind: ConditionedKind,
  resource: ConditionedResource,
  changes: Changes,
): Promise<void> => {
  const { namespace, name } = resource.metadata
  const [property = '', ...more] = Object.keys(changes)
  const mutation = more.length === 0 ? kind.updates.mutations[property] : undefined
  if (mutation !== undefined) {
    await client.request(mutation, { input: { namespace, name, ...changes } })
    return
  }
  const manifest = toManifest(kind, { ...resource, spec: merged(resource.spec, changes) })
  try {
    await client.request(ApplyDocument, { input: { manifests: [manifest], mustExist: true } })
  } catch (error) {
    throw error instanceof ServerError ? locateErrors(error, (_, path) => path || name) : error
  }
}
