import { request as plain } from 'node:http'
import type { RequestOptions } from 'node:https'
import { type Command, Option } from 'commander'
import { CliError, EXIT, usageError } from '../errors.ts'
import { io } from '../io.ts'
import { duration, repeated } from '../options.ts'
import { print } from '../output/print.ts'
import { settingsFrom } from '../runtime/start.ts'

interface Flags {
  readonly host?: string
  readonly port?: string
  readonly data?: string
  readonly tls?: readonly string[]
  readonly ready?: true
  readonly timeout: number
}

const TIMEOUT = '2s'

const HELP = `
It checks the engine that the same settings would start: host, port and TLS come from the flags, else from the variables
(HARK_HOST, HARK_PORT and so on), else from hark.yaml in the data folder, as for "hark serve". It needs no token and does
not verify the certificate: the engine is on this machine.

Exit status: 0 healthy, 1 unhealthy, 3 unreachable, 4 timed out.

Examples:
  hark health
  hark health --ready --timeout 5s
  HARK_PORT=8443 hark health`

export const addHealth = (program: Command): void => {
  program
    .command('health')
    .summary('check the health of the engine on this machine, for probes')
    .description('Checks the health of the engine that runs with these settings, for probes.')
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
}

/** Clients cannot connect to a wildcard address. */
const addressOf = (host: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[host] ?? host

const health = async ({ ready, timeout, ...flags }: Flags): Promise<void> => {
  const { host, port, tls } = await settingsFrom(flags, io().env)
  if (port === 0) throw usageError('port 0 is any that is free: name the one that the engine took')
  const request = tls === undefined ? plain : (await import('node:https')).request
  const options: RequestOptions = {
    host: addressOf(host),
    port,
    path: ready ? '/readyz' : '/healthz',
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(timeout),
  }
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly body: string }>()
  request(options, response => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', chunk => {
      body += chunk
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: body.trim() }))
    response.on('error', reject)
  })
    .on('error', reject)
    .end()
  const where = `port ${port} of ${addressOf(host)}`
  const { status, body } = await promise.catch((error: Error) => {
    if (options.signal?.aborted)
      throw new CliError(`no response at ${where} within ${timeout / 1000} s`, EXIT.timedOut, error)
    throw new CliError(`no engine responds at ${where}: ${error.message}`, EXIT.unreachable, error)
  })
  if (status !== 200) throw new CliError(`${body} (HTTP status ${status})`)
  print(body)
}
