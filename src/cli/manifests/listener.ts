import type { Command } from 'commander'
import { portArgument } from './port.ts'

/** What `create` and `generate` take for a listener. */
export interface ListenerOptions {
  readonly routingKey?: string
  readonly host?: string
  readonly tlsCredentials?: string
  readonly observer?: string
  readonly exposePodsByName?: true
}

export const withListenerOptions = (command: Command): Command =>
  command
    .argument('<name>', 'the name of the listener')
    .addArgument(portArgument('the port that clients of this site connect to'))
    .option('--routing-key <key>', 'what it shares with its connectors (default: the name)')
    .option('--host <host>', 'the host name or IP address that clients of this site connect to (default: the name)')
    .option('--tls-credentials <name>', 'the bundle of TLS certificates that it presents')
    .option('--observer <protocol>', 'how traffic is looked into: auto, none, http1 or http2 (default: auto)')
    .option('--expose-pods-by-name', 'make each pod a service of its own')

/** The spec as asked for; what was not stays with its default. */
export const listenerSpec = (name: string, port: number, options: ListenerOptions) => {
  const { routingKey = name, host = name, tlsCredentials, observer } = options
  return {
    routingKey,
    host,
    port,
    ...(tlsCredentials !== undefined && { tlsCredentials }),
    ...(options.exposePodsByName && { exposePodsByName: true }),
    ...(observer !== undefined && { settings: { observer } }),
  }
}
