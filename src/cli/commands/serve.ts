import type { Command } from 'commander'
import type { Settings } from '../../config/load.ts'
import { defaultText, flagName, SETTING_NAMES, SETTINGS, type SettingDeclaration } from '../../config/settings.ts'
import { CliError, EXIT } from '../errors.ts'
import { io } from '../io.ts'
import { repeated } from '../options.ts'
import { print } from '../output/print.ts'
import { allowHeapGrowthUntil, allowYoungGrowth } from '../runtime/heap-growth.ts'
import { aborted, exitWithin, shutdownSignal } from '../runtime/shutdown-signal.ts'
import { settingsFrom, start } from '../runtime/start.ts'

/** Less than the 30 s after which Kubernetes kills. */
const CLOSE_TIMEOUT_MS = 25_000

const HELP = `
A setting comes from its flag, else from its variable (HARK_HOST, HARK_ROUTER_GRACE and so on), else from the file
hark.yaml in the data folder (host, routerGrace and so on). Paths in that file start from the data folder. It can hold more
about a router than a URL:

  router:
    west: amqp://127.0.0.1:5672
    east:
      url: amqps://router.east.example:5671
      tls: { ca: certs/ca.crt, certificate: certs/tls.crt, key: certs/tls.key }
      certificates: /etc/skupper-router-certs   folder of the router with bundles of TLS credentials (default)
      localCertificates: east-certs             the same folder as Hark sees it, if that is another path
  jwt: { issuer: https://login.example, audience: hark, jwks: https://login.example/jwks.json }
  limits: { requestsPerSecond: 200, queryDepth: 12 }

Authentication is required once there is a token (hark token create) or jwt is set; until then Hark listens on the loopback
interface only. Limits are requestBytes, batch, queryFields, queryDepth, queryAliases, queryRows, requestsPerSecond,
clientOperations, connectionOperations, subscriptions, clientSubscriptions, idleSeconds, headersSeconds, requestSeconds and
answerSeconds.

It serves the console on /, GraphQL on /graphql (GraphiQL in a browser), and /healthz, /readyz and /metrics. Logs go to
standard error. Ctrl-C shuts down gracefully; a second one ends immediately. TLS files are read again when they change, and
on SIGHUP unless it runs in a terminal. When only a restart helps, it logs the reason
and exits with status 5, for systemd or Kubernetes to restart it; with --on-failure serve it keeps serving reads.

Examples:
  hark serve
  hark serve --port 8080 --data /var/lib/hark
  hark serve --router west=amqp://127.0.0.1:5672 --router east=amqp://127.0.0.1:5673
  hark serve --store 'esdb://127.0.0.1:2113?tls=false'`

export const addServe = (program: Command): void => {
  const command = program
    .command('serve')
    .summary('run the engine')
    .description('Runs the engine until Ctrl-C or SIGTERM.')
    .addHelpText('after', HELP)
    .action(serve)
  for (const name of SETTING_NAMES) {
    const { value, description, repeatable }: SettingDeclaration = SETTINGS[name]
    if (value === undefined) {
      command.option(flagName(name), description)
      continue
    }
    const help = `${description}${repeatable ? '; repeatable' : ''} (default: ${defaultText(name)})`
    if (repeatable) command.option(`${flagName(name)} ${value}`, help, repeated)
    else command.option(`${flagName(name)} ${value}`, help)
  }
}

const serve = async (flags: object): Promise<void> => {
  const settings = await settingsFrom(flags, io().env)
  const starting = start(settings)
  if (io() === process) void allowHeapGrowthUntil(starting.then(hark => hark.whenReady()))
  const hark = await starting
  if (io() === process) allowYoungGrowth()
  const shutdown = aborted(shutdownSignal(() => hark.reload()))
  print(io().stdout.isTTY ? welcome(hark.url, settings) : started(hark.url, settings))
  const reason = await (settings.onFailure === 'serve' ? shutdown : Promise.race([shutdown, hark.failed]))
  exitWithin(CLOSE_TIMEOUT_MS, reason === undefined ? EXIT.failed : EXIT.mustRestart)
  await hark.close()
  if (reason !== undefined) throw new CliError(`Hark has stopped and must be restarted: ${reason}`, EXIT.mustRestart)
}

const started = (url: string, { logFormat }: Settings): string => {
  const address = url.replace(/\/$/, '')
  const where = {
    graphql: `${address}/graphql`,
    health: `${address}/healthz`,
    metrics: `${address}/metrics`,
    console: `${address}/`,
  }
  const now = new Date()
  const stamp = logFormat === 'words' ? { level: 'info', time: now } : { level: 30, time: now.getTime() }
  return JSON.stringify({ ...stamp, pid: process.pid, msg: 'Hark is running', ...where })
}

const welcome = (url: string, { store }: Settings): string => {
  const address = url.replace(/\/$/, '')
  return `Hark is running.

  Console    ${address}/
  GraphQL    ${address}/graphql
  Health     ${address}/healthz (ready: ${address}/readyz)
  Metrics    ${address}/metrics
  Events     ${store.kind === 'sqlite' ? store.file : 'EventStoreDB'}

Ctrl-C ends it.`
}
