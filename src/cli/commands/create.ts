import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { CreateConnectorDocument, CreateListenerDocument } from '../client/generated.ts'
import { type FlagKind, type SpecFlags, specOf, withSpecFlags } from '../manifests/spec-flags.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { resourceName } from '../resources/resource.ts'

type Options = SpecFlags & ServerOption & NamespaceOption

const MUTATIONS: Record<FlagKind, { readonly query: string }> = {
  Listener: CreateListenerDocument,
  Connector: CreateConnectorDocument,
}

const HELP = {
  Listener: `
Examples:
  hark create listener backend 8080 -n west
  hark create listener db 5432 --routing-key postgres --host db.internal`,
  Connector: `
Examples:
  hark create connector backend 8080 -n east --host 10.0.0.7
  hark create connector backend 8080 -n east --selector app=backend`,
} as const

export const addCreate = (program: Command): void => {
  const create = program
    .command('create')
    .summary('create a listener or a connector')
    .description('Creates a listener or a connector.')
    .helpCommand(false)
  for (const kind of ['Listener', 'Connector'] as const) {
    const command = create
      .command(kind.toLowerCase())
      .description(`Creates a ${kind.toLowerCase()}.`)
      .addHelpText('after', HELP[kind])
      .action((name: string, port: number, options: Options) => createResource(kind, name, port, options))
    withServer(withNamespace(withSpecFlags(command, kind)))
  }
}

const createResource = async (kind: FlagKind, name: string, port: number, options: Options): Promise<void> => {
  const { buildManifest } = await import('../manifests/build-manifest.ts')
  const { metadata, spec } = buildManifest(kind, name, options.namespace, specOf(name, port, options))
  await new Client(options.server).request(MUTATIONS[kind], { input: { ...metadata, spec } })
  print(`${resourceName(kind, name)} created`)
}
