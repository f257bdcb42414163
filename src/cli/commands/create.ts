import type { Command } from 'commander'
import { clientOf } from '../client/client.ts'
import { type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
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
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { type ConditionedKind, resourceName, singular } from '../resources/resource.ts'

type Options = SpecFlags & ServerOption & NamespaceOption & WaitOptions

export const defineCreate = (command: Command, kind: ConditionedKind): void => {
  command
    .summary(`create a ${singular(kind)}`)
    .description(`Creates a ${singular(kind)}.`)
    .addHelpText('after', examplesOf(command, kind.examples.create))
    .action((name: string, port: number, options: Options) => createResource(kind, name, port, options))
  withServer(withNamespace(withWait(withSpecFlags(command, kind), 'it has been Ready')))
}

export const addCreate = (program: Command): void => {
  const create = program
    .command('create')
    .summary(`create ${aKind(CONDITIONED_KINDS)}`)
    .description(`Creates ${aKind(CONDITIONED_KINDS)}.`)
    .helpCommand(false)
  for (const kind of CONDITIONED_KINDS) defineCreate(create.command(singular(kind)), kind)
}

const createResource = async (
  resourceKind: ConditionedKind,
  name: string,
  port: number,
  options: Options,
): Promise<void> => {
  const { kind, creation } = resourceKind
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  const { namespace } = options
  const { metadata, spec } = buildManifest(kind, name, namespace, specOf(resourceKind, name, port, options))
  const client = clientOf(options)
  await client.request(creation, { input: { ...metadata, spec } })
  print(`${resourceName(kind, name)} created`)
  if (!options.wait) return
  const { waitUntilReady } = await import('../resources/wait.ts')
  await waitUntilReady(client, [{ kind, namespace, name }], options.timeout)
}
