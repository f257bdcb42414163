import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { type ConditionedKind, resourceName, singular } from '../resources/resource.ts'

type Options = SpecFlags & ServerOption & NamespaceOption

export const addCreate = (program: Command): void => {
  const create = program
    .command('create')
    .summary(`create ${aKind(CONDITIONED_KINDS)}`)
    .description(`Creates ${aKind(CONDITIONED_KINDS)}.`)
    .helpCommand(false)
  for (const kind of CONDITIONED_KINDS) {
    const command = create
      .command(singular(kind))
      .summary(`create a ${singular(kind)}`)
      .description(`Creates a ${singular(kind)}.`)
      .addHelpText('after', examplesText(kind.examples.create))
      .action((name: string, port: number, options: Options) => createResource(kind, name, port, options))
    withServer(withNamespace(withSpecFlags(command, kind)))
  }
}

const createResource = async (
  { kind, creation }: ConditionedKind,
  name: string,
  port: number,
  options: Options,
): Promise<void> => {
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  const { metadata, spec } = buildManifest(kind, name, options.namespace, specOf(name, port, options))
  await new Client(options.server).request(creation, { input: { ...metadata, spec } })
  print(`${resourceName(kind, name)} created`)
}
