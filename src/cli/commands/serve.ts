import type { Command } from 'commander'
import type { Settings } from '../../config/load.ts'
import { CliError, EXIT } from '../errors.ts'
import { print } from '../output/print.ts'
import { aborted, shutdownSignal } from '../runtime/shutdown-signal.ts'
import { settingsFrom, start } from '../runtime/start.ts'

interface Flags {
  readonly host?: string
  readonly port?: string
  readonly data?: string
  readonly store?: string
  readonly newLog?: boolean
  readonly router?: readonly string[]
  readonly routerGrace?: string
  readonly checkpointSeconds?: string
  readonly onFailure?: string
  readonly jwt?: readonly string[]
  readonly tls?: readonly string[]
  readonly limits?: readonly string[]
  readonly graphiql?: string
  readonly corsOrigins?: string
  readonly trustedProxies?: string
  readonly logLevel?: string
}

/** How long Hark may take to end in good order: less than the 30 s after which Kubernetes kills. */
const CLOSING_PATIENCE_MS = 25_000

const HELP = `
A setting comes from its flag, else from its variable (HARK_HOST, HARK_ROUTER_GRACE and so on), else from the file
hark.yaml in the data folder (host, routerGrace and so on), where paths start from that folder. There a router may have
more than a URL:

  router:
    west: amqp://127.0.0.1:5672
    east:
      url: amqps://router.east.example:5671
      tls: { ca: certs/ca.crt, certificate: certs/tls.crt, key: certs/tls.key }
      certificates: /etc/skupper-router-certs   where the router finds bundles of TLS credentials (this by default)
      localCertificates: east-certs             the same folder as Hark sees it, where that is another path
  jwt: { issuer: https://login.example, audience: hark, jwks: https://login.example/jwks.json }
  limits: { requestsPerSecond: 200, queryDepth: 12 }

Who may ask: where there are tokens (hark token create), or jwt is set, everybody has to show one. Where there are none
Hark listens on this machine alone. Limits are requestBytes, batch, queryFields, queryDepth, queryAliases, queryRows,
requestsPerSecond, clientOperations, connectionOperations, subscriptions, clientSubscriptions, idleSeconds, headersSeconds,
requestSeconds and answerSeconds.

It serves GraphQL on /graphql (in a browser: GraphiQL), and /healthz, /readyz and /metrics. Logs go to standard error.
Ctrl-C ends it in good order; once more ends it at once. Where nothing but another start can help, it says why and ends with
the status 5, for systemd or Kubernetes to start it again; with --on-failure serve it goes on answering what it knows.

Examples:
  hark serve
  hark serve --port 8080 --data /var/lib/hark
  hark serve --router west=amqp://127.0.0.1:5672 --router east=amqp://127.0.0.1:5673
  hark serve --store 'esdb://127.0.0.1:2113?tls=false'`

const several = (value: string, others: readonly string[] = []): readonly string[] => [...others, value]

export const addServe = (program: Command): void => {
  program
    .command('serve')
    .summary('run the engine')
    .description('Runs the engine until it is told to end.')
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'the port to listen on; 0 takes one that is free (default: 4000)')
    .option('--data <folder>', 'where Hark keeps its files (default: ./data)')
    .option('--store <store>', 'where events live: sqlite:PATH or esdb://… (default: SQLite in the data folder)')
    .option('--new-log', 'begin a new log where the data folder knows of events and the log has none')
    .option('--router <namespace=url>', 'a router to drive, such as west=amqp://127.0.0.1:5672; once for each', several)
    .option('--router-grace <seconds>', 'how long a router may be away before its conditions are Unknown (default: 10)')
    .option('--checkpoint-seconds <seconds>', 'how long news may wait until a checkpoint signs it (default: 60)')
    .option('--on-failure <exit|serve>', 'what to do once only another start helps (default: exit, with status 5)')
    .option(
      '--jwt <name=value>',
      'JSON Web Tokens to take: issuer, audience and jwks (a URL or a file); also algorithms, rolesClaim; once for each',
      several,
    )
    .option('--tls <name=file>', 'certificate and key (PEM) to serve with TLS alone; once for each', several)
    .option('--limits <name=number>', 'a limit to be another than by default; once for each', several)
    .option('--graphiql <on|off>', 'GraphiQL for browsers (default: on where no token is asked for)')
    .option('--cors-origins <origins>', 'other origins whose pages may ask, with commas between (default: none)')
    .option('--trusted-proxies <addresses>', 'proxies that are believed whom they ask for (default: none)')
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (default: info)')
    .addHelpText('after', HELP)
    .action(serve)
}

const serve = async (flags: Flags): Promise<void> => {
  const settings = await settingsFrom(flags, process.env)
  const hark = await start(settings)
  const told = aborted(shutdownSignal())
  print(process.stdout.isTTY ? welcome(hark.url, settings) : started(hark.url))
  const reason = await (settings.onFailure === 'serve' ? told : Promise.race([told, hark.failed]))
  // What has failed, or hangs, may keep the rest from ending.
  const status = reason === undefined ? EXIT.failed : EXIT.mustRestart
  setTimeout(() => process.exit(status), CLOSING_PATIENCE_MS).unref()
  await hark.close()
  if (reason !== undefined)
    throw new CliError(`Hark has ended, for only another start can help: ${reason}`, EXIT.mustRestart)
}

/** For programs, which read logs: where it serves, as a line of JSON. */
const started = (url: string): string => {
  const address = url.replace(/\/$/, '')
  const where = { graphql: `${address}/graphql`, health: `${address}/healthz`, metrics: `${address}/metrics` }
  return JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, msg: 'Hark is running', ...where })
}

const welcome = (url: string, { store }: Settings): string => {
  const address = url.replace(/\/$/, '')
  return `Hark is running.

  GraphQL    ${address}/graphql
  Health     ${address}/healthz (ready: ${address}/readyz)
  Metrics    ${address}/metrics
  Events     ${store.kind === 'sqlite' ? store.file : 'EventStoreDB'}

Ctrl-C ends it.`
}
