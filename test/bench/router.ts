import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ATTRIBUTES } from '../../src/controller/entities/managed-entity.ts'
import { BareClient } from '../contract/router/bare-client.ts'
import { RunningHark } from '../support/running-hark.ts'
import { overEvents } from '../support/subscription-client.ts'
import type { Figure } from './figure.ts'
import { cpuSeconds } from './process.ts'
import { processListeningAt } from './processes/process-listening.ts'
import { inScratch, percentile } from './scratch.ts'

const LISTENERS = 2_000
const MANIFESTS_A_REQUEST = 500
const UPDATES = 200
const QUERIES = 12
const IDLE_MS = 60_000
const TCP_LISTENER = 'io.skupper.router.tcpListener'

const APPLY = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const UPDATE_PORT = 'mutation ($input: UpdatePortInput!) { updatePort(input: $input) { position } }'
const CHANGES = `subscription {
  listeners(namespace: "bench") {
    listener { metadata { name generation } status { conditions { type status observedGeneration } } }
  }
}`

interface Router {
  readonly url: string
  readonly name: string
  /** Of a real router on this machine. */
  readonly pid?: number | undefined
}

/** Runs `work` with a router without tcpListeners: that of HARK_TEST_ROUTER, or a simulated one. */
const withRouter = async <T>(work: (router: Router) => Promise<T>): Promise<T> => {
  const real = process.env.HARK_TEST_ROUTER
  if (real) return work({ url: real, name: 'skupper-router', pid: await processListeningAt(real) })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'processes/router-process.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [url] = (await once(child.stdout, 'data')) as [Buffer]
    return await work({ url: String(url).trim(), name: 'a simulated router' })
  } finally {
    child.kill()
  }
}

const nameOf = (index: number): string => `listener-${index}`

/** Management requests with bare rhea. */
class Bare {
  readonly #client: BareClient

  constructor(client: BareClient) {
    this.#client = client
  }

  async create(index: number, port = 8080): Promise<void> {
    const properties = { operation: 'CREATE', type: TCP_LISTENER, name: `bare/${nameOf(index)}` }
    const attributes = { address: nameOf(index), host: nameOf(index), port: `${port}`, authenticatePeer: false }
    const { statusCode, statusDescription } = await this.#client.ask(properties, attributes)
    if (statusCode !== 201) throw new Error(statusDescription)
  }

  async delete(index: number): Promise<void> {
    await this.#client.ask({ operation: 'DELETE', type: TCP_LISTENER, name: `bare/${nameOf(index)}` })
  }

  /** Includes what Hark created, so Hark must have ended. */
  async deleteAll(): Promise<void> {
    for (const owner of ['bare', 'listener'])
      await all(index =>
        this.#client
          .ask({ operation: 'DELETE', type: TCP_LISTENER, name: `${owner}/${nameOf(index)}` })
          .then(() => undefined),
      )
  }

  async query(): Promise<void> {
    await this.#client.ask({ operation: 'QUERY', entityType: TCP_LISTENER }, { attributeNames: ATTRIBUTES.tcpListener })
  }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

interface Cost {
  readonly ms: number
  /** Of the router's process, if it is known. */
  readonly cpuMs: number | undefined
}

const costOf = async ({ pid }: Router, work: () => Promise<unknown>): Promise<Cost> => {
  const before = pid && (await cpuSeconds(pid))
  const ms = await timed(work)
  const after = pid && (await cpuSeconds(pid))
  return { ms, cpuMs: before === undefined || after === undefined ? undefined : (after - before) * 1000 }
}

const all = (work: (index: number) => Promise<void>): Promise<unknown> =>
  Promise.all(Array.from({ length: LISTENERS }, (_, index) => work(index)))

/** The listeners as a subscriber sees them. */
class Listeners {
  readonly #configured = new Map<string, number>()
  #arrived = Promise.withResolvers<void>()

  private constructor() {}

  static async follow(hark: RunningHark): Promise<Listeners> {
    const listeners = new Listeners()
    void listeners.#follow(await overEvents(hark.url, CHANGES))
    return listeners
  }

  async #follow(changes: Awaited<ReturnType<typeof overEvents>>): Promise<void> {
    for (;;) {
      const change = (await changes.next().catch(() => undefined))?.data
      if (change === undefined || change === null) return
      const { metadata, status } = change.listeners.listener
      const { status: is, observedGeneration } = status.conditions.find(
        ({ type }: { type: string }) => type === 'Configured',
      )
      if (is === 'True') this.#configured.set(metadata.name, observedGeneration)
      this.#arrived.resolve()
    }
  }

  /** Resolves when it holds of how many are configured, and of the generation that one is configured for. */
  async until(isSo: (count: number, generationOf: (name: string) => number) => boolean): Promise<void> {
    while (!isSo(this.#configured.size, name => this.#configured.get(name) ?? 0)) {
      await this.#arrived.promise
      this.#arrived = Promise.withResolvers()
    }
  }
}

const ask = async (hark: RunningHark, query: string, variables: object): Promise<void> => {
  const { errors } = await hark.graphql(query, variables)
  if (errors) throw new Error(JSON.stringify(errors))
}

const manifest = (index: number): object => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind: 'Listener',
  metadata: { name: nameOf(index), namespace: 'bench' },
  spec: { routingKey: nameOf(index), host: nameOf(index), port: 8080 },
})

const applyAll = async (hark: RunningHark): Promise<void> => {
  const manifests = Array.from({ length: LISTENERS }, (_, index) => manifest(index))
  const requests = Array.from({ length: LISTENERS / MANIFESTS_A_REQUEST }, (_, request) =>
    manifests.slice(request * MANIFESTS_A_REQUEST, (request + 1) * MANIFESTS_A_REQUEST),
  )
  await Promise.all(requests.map(manifests => ask(hark, APPLY, { manifests })))
}

/** The value of a counter, summed over its labels. */
const counter = async (hark: RunningHark, name: string, labels = ''): Promise<number> => {
  const text = await (await fetch(`${hark.url}/metrics`)).text()
  const values = text.split('\n').filter(line => line.startsWith(`${name}{`) && line.includes(labels))
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

const head = async (hark: RunningHark): Promise<string> => (await hark.graphql('{ head }')).data.head

const sent = async (hark: RunningHark): Promise<number> =>
  (await counter(hark, 'hark_router_requests_total', 'operation="CREATE"')) +
  (await counter(hark, 'hark_router_requests_total', 'operation="DELETE"'))

/** The last changes are signed after a delay; only then is the engine idle. */
const whenSigned = async (hark: RunningHark): Promise<void> => {
  const changedAt = await hark.metric('hark_last_event_timestamp_seconds')
  while ((await hark.metric('hark_last_checkpoint_timestamp_seconds')) < changedAt) await pause(500)
}

/** The work of Hark for an idle router. */
const idle = async (
  hark: RunningHark,
  bare: Bare,
): Promise<{ round: number; query: number; cpu: number; news: number }> => {
  const before = { head: await head(hark), sent: await sent(hark), cpu: await cpuSeconds(hark.pid) }
  const counts = async () => ({
    seconds: await counter(hark, 'hark_router_round_seconds_total'),
    rounds: await counter(hark, 'hark_router_rounds_total'),
  })
  const queries: number[] = []
  const from = await counts()
  for (let query = 0; query < QUERIES; query += 1) {
    await pause(IDLE_MS / QUERIES)
    queries.push(await timed(() => bare.query()))
  }
  const to = await counts()
  const cpu = ((await cpuSeconds(hark.pid)) - before.cpu) / (IDLE_MS / 1000)
  const news = Number(await head(hark)) - Number(before.head) + (await sent(hark)) - before.sent
  const round = ((to.seconds - from.seconds) / (to.rounds - from.rounds)) * 1000
  return { round, query: queries.reduce((sum, ms) => sum + ms, 0) / QUERIES, cpu: cpu * 100, news }
}

/** Rejects at Ctrl-C, so that Hark is ended and its entities are removed from the router. */
const untilInterrupted = <T>(work: Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const interrupt = () => reject(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  return Promise.race([work, promise]).finally(() => process.off('SIGINT', interrupt))
}

const figuresOf = async (folder: string, router: Router, bare: Bare): Promise<Figure[]> => {
  const createAll = () => all(index => bare.create(index))
  const deleteAll = () => all(index => bare.delete(index))
  // The first ones take longer: the router grows its memory.
  await createAll()
  await deleteAll()
  const bareAll = await costOf(router, createAll)
  const bareUpdates: number[] = []
  for (let update = 0; update < UPDATES; update += 1) {
    const both = () => Promise.all([bare.delete(update), bare.create(update, 9090)])
    bareUpdates.push(await timed(both))
  }
  await deleteAll()

  await using hark = await RunningHark.start(['--data', folder, '--router', `bench=${router.url}`])
  return await untilInterrupted(figuresWith(hark, bare, router, bareAll, bareUpdates))
}

/** A real router's time depends on what else the machine does; its processor time does not. */
const creationFigure = ({ name }: Router, hark: Cost, bare: Cost): Figure => {
  const what = '2,000 listeners onto an empty router, until all are Configured'
  const creates = '2,000 CREATEs pipelined with bare rhea'
  if (hark.cpuMs === undefined || bare.cpuMs === undefined)
    return {
      name: `${what}, ${name}`,
      unit: 'ms',
      value: hark.ms,
      against: { name: creates, value: bare.ms },
      bar: { at: 'most', of: 1.15 },
    }
  return {
    name: `processor time of ${name} for ${what}`,
    unit: 'ms',
    value: hark.cpuMs,
    against: { name: creates, value: bare.cpuMs },
    bar: { at: 'most', of: 1.05 },
  }
}

const figuresWith = async (
  hark: RunningHark,
  bare: Bare,
  router: Router,
  bareAll: Cost,
  bareUpdates: readonly number[],
): Promise<Figure[]> => {
  await hark.ready()
  const listeners = await Listeners.follow(hark)
  const harkAll = await costOf(router, async () => {
    await applyAll(hark)
    await listeners.until(count => count === LISTENERS)
  })
  const harkUpdates: number[] = []
  for (let update = 0; update < UPDATES; update += 1) {
    const moved = nameOf(update)
    const move = async () => {
      await ask(hark, UPDATE_PORT, { input: { namespace: 'bench', name: moved, port: 9090 } })
      await listeners.until((_, generationOf) => generationOf(moved) === 2)
    }
    harkUpdates.push(await timed(move))
  }
  await whenSigned(hark)
  const { round, query, cpu, news } = await idle(hark, bare)
  return [
    creationFigure(router, harkAll, bareAll),
    {
      name: 'updatePort until Configured at its new port, p50',
      unit: 'ms',
      value: percentile(harkUpdates, 0.5),
      against: { name: 'one DELETE and CREATE with bare rhea, p50', value: percentile(bareUpdates, 0.5) },
      bar: { at: 'most', of: 3 },
    },
    {
      name: 'a round with nothing to do, 2,000 listeners',
      unit: 'ms',
      value: round,
      against: { name: 'one QUERY with bare rhea', value: query },
      bar: { at: 'most', of: 1.5 },
    },
    {
      name: 'events, CREATEs and DELETEs in an idle minute, 2,000 listeners',
      unit: '',
      value: news,
      bar: { at: 'most', of: 0 },
    },
    {
      name: 'processor in an idle minute, 2,000 listeners, of one core',
      unit: '%',
      value: cpu,
      bar: { at: 'most', of: 1 },
    },
  ]
}

/** Creating listeners on a router and reading them, against bare rhea doing the same. */
export const router = (): Promise<Figure[]> =>
  inScratch(folder =>
    withRouter(async router => {
      const client = await BareClient.open(router.url)
      const bare = new Bare(client)
      try {
        return await figuresOf(folder, router, bare)
      } finally {
        await bare.deleteAll()
        await client.close()
      }
    }),
  )
