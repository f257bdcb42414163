import { type Command, Option } from 'commander'
import { portArgument } from '../options.ts'

export type FlagKind = 'Listener' | 'Connector'

export interface SpecFlags {
  readonly routingKey?: string
  readonly host?: string
  readonly selector?: string
  readonly tlsCredentials?: string
  readonly useClientCert?: true
  readonly verifyHostname?: boolean
  readonly exposePodsByName?: true
  readonly includeNotReadyPods?: true
  readonly observer?: string
}

const FLAGS: Readonly<Record<FlagKind, { readonly port: string; readonly options: readonly Option[] }>> = {
  Listener: {
    port: 'the port that clients of this site connect to',
    options: [
      new Option('--routing-key <key>', 'the key that it shares with its connectors (default: the name)'),
      new Option(
        '--host <host>',
        'the host name or IP address that clients of this site connect to (default: the name)',
      ),
      new Option('--tls-credentials <name>', 'the bundle of TLS certificates that it presents'),
      new Option('--observer <protocol>', 'the protocol to observe: auto, none, http1 or http2 (default: auto)'),
      new Option('--expose-pods-by-name', 'make each pod a service of its own'),
    ],
  },
  Connector: {
    port: 'the port of the servers that it leads to',
    options: [
      new Option('--routing-key <key>', 'the key that it shares with its listeners (default: the name)'),
      new Option('--host <host>', 'the host name or IP address of the server that it leads to (default: the name)'),
      new Option(
        '--selector <selector>',
        'the pods that it leads to, such as app=backend, instead of a host',
      ).conflicts('host'),
      new Option('--tls-credentials <name>', 'the bundle of TLS certificates for the connection to the server'),
      new Option('--use-client-cert', 'present the client certificate of that bundle'),
      new Option('--no-verify-hostname', 'do not compare the host name of the server with its certificate'),
      new Option('--expose-pods-by-name', 'make each pod a service of its own'),
      new Option('--include-not-ready-pods', 'include pods that are not ready'),
    ],
  },
}

export const withSpecFlags = (command: Command, kind: FlagKind): Command => {
  const { port, options } = FLAGS[kind]
  command.argument('<name>', `the name of the ${kind.toLowerCase()}`).addArgument(portArgument(port))
  for (const option of options) command.addOption(option)
  return command
}

export const specOf = (name: string, port: number, flags: SpecFlags): object => {
  const { routingKey = name, host = name, selector, observer } = flags
  const { tlsCredentials, useClientCert, verifyHostname, exposePodsByName, includeNotReadyPods } = flags
  return {
    routingKey,
    ...(selector === undefined ? { host } : { selector }),
    port,
    ...(tlsCredentials !== undefined && { tlsCredentials }),
    ...(useClientCert && { useClientCert }),
    ...(verifyHostname === false && { verifyHostname }),
    ...(exposePodsByName && { exposePodsByName }),
    ...(includeNotReadyPods && { includeNotReadyPods }),
    ...(observer !== undefined && { settings: { observer } }),
  }
}
