import { type Command, Option } from 'commander'
import { portArgument } from './port.ts'

/** What `create` and `generate` take for a connector. */
export interface ConnectorOptions {
  readonly routingKey?: string
  readonly host?: string
  readonly selector?: string
  readonly tlsCredentials?: string
  readonly useClientCert?: true
  readonly verifyHostname: boolean
  readonly exposePodsByName?: true
  readonly includeNotReadyPods?: true
}

export const withConnectorOptions = (command: Command): Command =>
  command
    .argument('<name>', 'the name of the connector')
    .addArgument(portArgument('the port of the servers that it leads to'))
    .option('--routing-key <key>', 'what it shares with its listeners (default: the name)')
    .option('--host <host>', 'the host name or IP address of the server that it leads to (default: the name)')
    .addOption(
      new Option(
        '--selector <selector>',
        'the pods that it leads to, such as app=backend, in place of a host',
      ).conflicts('host'),
    )
    .option('--tls-credentials <name>', 'the bundle of TLS certificates for the connection to the server')
    .option('--use-client-cert', 'present the client certificate of that bundle')
    .option('--no-verify-hostname', "do not compare the server's name with its certificate")
    .option('--expose-pods-by-name', 'make each pod a service of its own')
    .option('--include-not-ready-pods', 'lead to pods that are not ready, too')

/** The spec as asked for; what was not stays with its default. */
export const connectorSpec = (name: string, port: number, options: ConnectorOptions) => {
  const { routingKey = name, host, selector, tlsCredentials } = options
  return {
    routingKey,
    ...(selector === undefined ? { host: host ?? name } : { selector }),
    port,
    ...(tlsCredentials !== undefined && { tlsCredentials }),
    ...(options.useClientCert && { useClientCert: true }),
    ...(!options.verifyHostname && { verifyHostname: false }),
    ...(options.exposePodsByName && { exposePodsByName: true }),
    ...(options.includeNotReadyPods && { includeNotReadyPods: true }),
  }
}
