import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { ApplyDocument, UpdateHostDocument, UpdatePortDocument, UpdateRoutingKeyDocument } from '../client/generated.ts'
import { CliError, usageError } from '../errors.ts'
import { locateErrors } from '../manifests/locate-errors.ts'
import { type NamespaceOption, port, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { type Listener, listeners } from '../resources/listeners.ts'
import { resourceName, toManifest } from '../resources/resource.ts'

interface Changes {
  readonly routingKey?: string
  readonly host?: string
  readonly port?: number
}

type Options = Changes & ServerOption & NamespaceOption

const HELP = `
Properties without a flag keep their values. Other properties cannot be changed: delete and recreate the listener.

Examples:
  hark update listener backend --port 9090 -n west
  hark update listener backend --host backend.internal --port 9090`

const MUTATIONS: Record<keyof Changes, { readonly query: string }> = {
  routingKey: UpdateRoutingKeyDocument,
  host: UpdateHostDocument,
  port: UpdatePortDocument,
}

export const addUpdate = (program: Command): void => {
  const update = program
    .command('update')
    .summary('change a listener')
    .description('Changes a listener.')
    .helpCommand(false)
  const listener = update
    .command('listener')
    .summary("change a listener's routing key, host or port")
    .description("Changes a listener's routing key, host or port.")
    .argument('<name>', 'the name of the listener')
    .option('--routing-key <key>', 'the key that it shares with its connectors')
    .option('--host <host>', 'the host name or IP address that clients of this site connect to')
    .option('--port <port>', 'the port that clients of this site connect to', port)
    .addHelpText('after', HELP)
    .action(updateListener)
  withServer(withNamespace(listener))
}

const updateListener = async (name: string, options: Options): Promise<void> => {
  const { namespace, server, routingKey, host, port } = options
  const wanted = Object.entries({ routingKey, host, port }).filter(([, value]) => value !== undefined)
  if (wanted.length === 0) throw usageError('nothing to change: use --routing-key, --host or --port')
  const client = new Client(server)
  const [listener] = await listeners.list(client, { namespace, name })
  if (listener === undefined) throw new CliError(`listener ${name} not found in namespace ${namespace}`)

  const changes = Object.fromEntries(wanted.filter(([key, value]) => Reflect.get(listener.spec, key) !== value))
  const changed = Object.keys(changes).length > 0
  if (changed) await change(client, listener, changes)
  print(`${resourceName('Listener', name)} ${changed ? 'configured' : 'unchanged'}`)
}

/**
 * The command for one property keeps concurrent changes of others. Several properties need one manifest: an
 * intermediate host and port may belong to another listener.
 */
const change = async (client: Client, listener: Listener, changes: Changes): Promise<void> => {
  const { namespace, name } = listener.metadata
  const [property, ...more] = Object.keys(changes) as (keyof Changes)[]
  if (property !== undefined && more.length === 0) {
    await client.request(MUTATIONS[property], { input: { namespace, name, ...changes } })
    return
  }
  const manifest = toManifest(listeners, { ...listener, spec: { ...listener.spec, ...changes } })
  try {
    await client.request(ApplyDocument, { input: { manifests: [manifest] } })
  } catch (error) {
    throw error instanceof ServerError ? locateErrors(error, (_, path) => path || name) : error
  }
}
