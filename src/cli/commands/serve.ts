import type { Command } from 'commander'
import type { Settings } from '../../config.ts'
import { print } from '../output/print.ts'
import { settingsFrom, start } from '../serving/start.ts'
import { aborted, whenTold } from '../serving/when-told.ts'

interface Flags {
  readonly host?: string
  readonly port?: string
  readonly data?: string
  readonly store?: string
  readonly router?: readonly string[]
  readonly routerGrace?: string
  readonly logLevel?: string
}

const HELP = `
A setting comes from its flag, else from its variable (HARK_HOST, HARK_PORT, HARK_DATA, HARK_STORE,
HARK_ROUTER, HARK_ROUTER_GRACE, HARK_LOG_LEVEL), else from the file hark.yaml in the data folder (host, port, store,
router, routerGrace, logLevel), where paths start from that folder. There a router may have more than a URL:

  router:
    west: amqp://127.0.0.1:5672
    east:
      url: amqps://router.east.example:5671
      tls: { ca: certs/ca.crt, certificate: certs/tls.crt, key: certs/tls.key }

It serves GraphQL on /graphql (in a browser: GraphiQL), and /healthz, /readyz and /metrics. Logs go to standard error.
Ctrl-C ends it in good order; once more ends it at once.

Examples:
  hark serve
  hark serve --port 8080 --data /var/lib/hark
  hark serve --router west=amqp://127.0.0.1:5672 --router east=amqp://127.0.0.1:5673
  hark serve --store 'esdb://127.0.0.1:2113?tls=false'`

export const addServe = (program: Command): void => {
  program
    .command('serve')
    .summary('run the engine')
    .description('Runs the engine until it is told to end.')
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <port>', 'the port to listen on; 0 takes one that is free (default: 4000)')
    .option('--data <folder>', 'where Hark keeps its files (default: ./data)')
    .option('--store <store>', 'where events live: sqlite:PATH or esdb://… (default: SQLite in the data folder)')
    .option(
      '--router <namespace=url>',
      'a router to drive, such as west=amqp://127.0.0.1:5672; once for each',
      (router: string, others: readonly string[] = []) => [...others, router],
    )
    .option('--router-grace <seconds>', 'how long a router may be away before its conditions are Unknown (default: 10)')
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent (default: info)')
    .addHelpText('after', HELP)
    .action(serve)
}

const serve = async (flags: Flags): Promise<void> => {
  const settings = await settingsFrom(flags, process.env)
  const hark = await start(settings)
  const told = whenTold()
  print(welcome(hark.url, settings))
  await aborted(told)
  await hark.close()
}

const welcome = (url: string, { store }: Settings): string => {
  const address = url.replace(/\/$/, '')
  return `Hark is running.

  GraphiQL   ${address}/graphql
  Health     ${address}/healthz (ready: ${address}/readyz)
  Metrics    ${address}/metrics
  Events     ${store.kind === 'sqlite' ? store.file : 'EventStoreDB'}

Ctrl-C ends it.`
}
