import { isIPv6 } from 'node:net'
import { type Command, Option } from 'commander'
import { Client } from '../client/client.ts'
import { distrust, serverName } from '../client/errors.ts'
import { exchange } from '../client/http.ts'
import { CliError, EXIT, usageError } from '../errors.ts'
import { io } from '../io.ts'
import { duration, repeated, withOptionalServer } from '../options.ts'
import { print } from '../output/print.ts'
import { settingsFrom } from '../runtime/start.ts'

interface Flags {
  readonly host?: string
  readonly port?: string
  readonly data?: string
  readonly tls?: readonly string[]
}

interface Options extends Flags {
  readonly server?: URL
  readonly ready?: true
  readonly timeout: number
}

const TIMEOUT = '2s'

const HELP = `
It checks the engine that --server, HARK_SERVER or a context names, as other commands do. Without them, or with a flag for
one of its settings, it checks the engine that the same settings would start: host, port and TLS come from the flags, else
from the variables (HARK_HOST, HARK_PORT and so on), else from hark.yaml in the data folder, as for "hark serve". The
certificate of that engine is not verified: it is on this machine. No token is needed.

Exit status: 0 healthy, 1 unhealthy, 3 unreachable, 4 timed out.

Examples:
  hark health
  hark health --ready --timeout 5s
  HARK_PORT=8443 hark health
  hark health --server https://hark.example`

export const addHealth = (program: Command): void => {
  const command = program
    .command('health')
    .summary('check the health of an engine, for probes')
    .description('Checks the health of an engine, for probes: by default of the one that runs with these settings.')
    .option('--ready', 'check readiness too: whether its read models have caught up')
    .option('--host <host>', 'the address that it listens on (default: 127.0.0.1)')
    .option('--port <port>', 'the port that it listens on (default: 4000)')
    .option('--data <folder>', 'the data folder of the engine (default: ./data)')
    .option('--tls <name=file>', 'certificate and key that it serves with; once for each', repeated)
    .addOption(
      new Option('--timeout <time>', 'how long to wait').argParser(duration).default(duration(TIMEOUT), TIMEOUT),
    )
    .addHelpText('after', HELP)
    .action(health)
  withOptionalServer(command, 'the engine (default: the one with these settings)')
}

/** Clients cannot connect to a wildcard address. */
const LOOPBACKS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

interface Target {
  readonly url: URL
  readonly where: string
}

const targetOf = async (flags: Flags, path: string): Promise<Target> => {
  const { host, port, tls } = await settingsFrom(flags, io().env)
  if (port === 0) throw usageError('port 0 is any that is free: name the one that the engine took')
  const address = LOOPBACKS.get(host) ?? host
  const url = `${tls === undefined ? 'http' : 'https'}://${isIPv6(address) ? `[${address}]` : address}:${port}${path}`
  return { url: new URL(url), where: `port ${port} of ${address}` }
}

/** Undefined for the response of another program. */
const stateIn = (text: string, name: 'alive' | 'ready'): boolean | undefined => {
  try {
    const state: unknown = JSON.parse(text)?.[name]
    return typeof state === 'boolean' ? state : undefined
  } catch {
    return undefined
  }
}

const health = async ({ ready, timeout, server: named, ...given }: Options, command: Command): Promise<void> => {
  const { host, port, data, tls } = given
  const flags = Object.fromEntries(Object.entries({ host, port, data, tls }).filter(([, value]) => value !== undefined))
  const hasFlags = Object.keys(flags).length > 0
  if (hasFlags && ['server', 'context'].some(name => command.getOptionValueSource(name) === 'cli'))
    throw usageError('use --server or --context, or flags for the settings of an engine, not both')
  const server = hasFlags ? undefined : named
  const path = ready ? '/readyz' : '/healthz'
  const { url, where } =
    server === undefined
      ? await targetOf(flags, path)
      : { url: new Client(server).urlOf(path), where: serverName(server) }
  const signal = AbortSignal.timeout(timeout)
  const { status, text } = await exchange(url, { signal, isLocal: server === undefined }).catch((error: Error) => {
    if (signal.aborted) throw new CliError(`no response at ${where} within ${timeout / 1000} s`, EXIT.timedOut, error)
    throw (
      distrust(url, error) ?? new CliError(`no engine responds at ${where}: ${error.message}`, EXIT.unreachable, error)
    )
  })
  const body = text.trim()
  const isHealthy = stateIn(body, ready ? 'ready' : 'alive')
  if (isHealthy === undefined)
    throw new CliError(`no engine responds at ${where} (HTTP status ${status})`, EXIT.unreachable)
  if (!isHealthy || status !== 200) throw new CliError(`${body} (HTTP status ${status})`)
  print(body)
}
