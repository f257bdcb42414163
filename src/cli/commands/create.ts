import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { type ConnectorOptions, connectorSpec, withConnectorOptions } from '../manifests/connector.ts'
import { type ListenerOptions, listenerSpec, withListenerOptions } from '../manifests/listener.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { resourceName } from '../resources/resource.ts'

type Common = ServerOption & NamespaceOption

const LISTENER_HELP = `
Examples:
  hark create listener backend 8080 -n west
  hark create listener db 5432 --routing-key postgres --host db.internal`

const CONNECTOR_HELP = `
Examples:
  hark create connector backend 8080 -n east --host 10.0.0.7
  hark create connector backend 8080 -n east --selector app=backend`

const MUTATIONS = {
  Listener: 'mutation Create($input: CreateListenerInput!) { createListener(input: $input) { position } }',
  Connector: 'mutation Create($input: CreateConnectorInput!) { createConnector(input: $input) { position } }',
} as const

export const addCreate = (program: Command): void => {
  const create = program
    .command('create')
    .summary('create a listener or a connector')
    .description('Creates a listener or a connector.')
    .helpCommand(false)
  const listener = create
    .command('listener')
    .description('Creates a listener.')
    .addHelpText('after', LISTENER_HELP)
    .action((name: string, port: number, options: ListenerOptions & Common) =>
      send('Listener', name, listenerSpec(name, port, options), options),
    )
  withServer(withNamespace(withListenerOptions(listener)))
  const connector = create
    .command('connector')
    .description('Creates a connector.')
    .addHelpText('after', CONNECTOR_HELP)
    .action((name: string, port: number, options: ConnectorOptions & Common) =>
      send('Connector', name, connectorSpec(name, port, options), options),
    )
  withServer(withNamespace(withConnectorOptions(connector)))
}

const send = async (
  kind: keyof typeof MUTATIONS,
  name: string,
  spec: object,
  { namespace, server }: Common,
): Promise<void> => {
  const { manifestOf } = await import('../manifests/build-manifest.ts')
  const { metadata } = manifestOf(kind, name, namespace, spec)
  await new Client(server).request({ query: MUTATIONS[kind], variables: { input: { ...metadata, spec } } })
  print(`${resourceName(kind, name)} created`)
}
