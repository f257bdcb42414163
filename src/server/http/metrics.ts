import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { LIMIT_NAMES, type LimitName } from '../../../schemas/limits.ts'
import { MANAGEMENT_OPERATIONS, PROBE_RESULTS, type RouterActivity } from '../../controller/stats.ts'
import type { Engine } from '../../engine/engine.ts'
import type { SigningStatus } from '../../integrity/checkpoints/checkpointer.ts'
import { codeOf } from '../graphql/masked-errors.ts'

const NEVER = '1970-01-01T00:00:00.000Z'
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Finds what was made of a key, or makes it: prom-client builds an object for every use of labels. */
const remembered = <Key, Value>(make: (key: Key) => Value): ((key: Key) => Value) => {
  const values = new Map<Key, Value>()
  return key => {
    let value = values.get(key)
    if (value === undefined) {
      value = make(key)
      values.set(key, value)
    }
    return value
  }
}

export interface MetricsOptions {
  readonly engine: Engine
  readonly openSubscriptions: () => number
  readonly routers: () => readonly RouterActivity[]
  readonly signing: () => SigningStatus
}

/** What an operator can measure, in Prometheus' words. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #countCommand: (type: string) => (outcome: string) => Counter.Internal
  readonly #commandDuration: (type: string) => Histogram.Internal<'type'>
  readonly #countHit: (limit: LimitName) => void
  readonly #countRefusedToken: () => void
  readonly #countRequest: (route: string) => (status: number) => Counter.Internal

  constructor({ engine, openSubscriptions, routers, signing }: MetricsOptions) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })

    const commands = new Counter({
      name: 'hark_commands_total',
      help: 'Commands by type, and by outcome: done, unchanged, or the code of the error',
      labelNames: ['type', 'outcome'] as const,
      registers,
    })
    this.#countCommand = remembered(type => remembered(outcome => commands.labels({ type, outcome })))
    const durations = new Histogram({
      name: 'hark_command_duration_seconds',
      help: 'How long commands took, until they were durable and shown',
      labelNames: ['type'] as const,
      buckets: SECONDS,
      registers,
    })
    this.#commandDuration = remembered(type => durations.labels({ type }))
    const requests = new Counter({
      name: 'hark_http_requests_total',
      help: 'HTTP requests by route and status',
      labelNames: ['route', 'status'] as const,
      registers,
    })
    const limitHits = new Counter({
      name: 'hark_limit_hits_total',
      help: 'Requests and connections that ran into a limit, by its name',
      labelNames: ['limit'] as const,
      registers,
    })
    for (const limit of LIMIT_NAMES) limitHits.inc({ limit }, 0)
    this.#countHit = limit => limitHits.inc({ limit })
    const logins = new Counter({
      name: 'hark_refused_tokens_total',
      help: 'Requests that were refused because they showed no token that is taken',
      registers,
    })
    this.#countRefusedToken = () => logins.inc()
    this.#countRequest = remembered(route => remembered(status => requests.labels({ route, status: String(status) })))

    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value())
        },
      })
    }
    gauge('hark_subscriptions_open', 'GraphQL subscriptions that are open', openSubscriptions)
    gauge(
      'hark_position',
      'The position in the event log that the read models have reached',
      () => engine.status().position,
    )
    gauge(
      'hark_last_event_timestamp_seconds',
      'When the newest event that the read models show was recorded',
      () => Date.parse(engine.read.head().time) / 1000,
    )
    gauge(
      'hark_log_time_ahead_seconds',
      'How far the time of the newest event is ahead of the clock; 0 where it is not',
      () => Math.max(0, Date.parse(engine.read.head().time) - Date.now()) / 1000,
    )
    gauge('hark_healthy', '0 once nothing but another start of the process helps', () =>
      Number(engine.status().failed === undefined),
    )
    gauge('hark_ready', '1 once every read model can be read', () => Number(engine.status().ready))
    gauge('hark_store_live', '1 while the event store answers and the read models follow it', () =>
      Number(engine.status().live),
    )
    gauge('hark_store_writable', '0 while the event store is known to take no events, as on a full disk', () =>
      Number(engine.status().unwritable === undefined),
    )
    gauge('hark_read_models_rebuilding', 'Read models that are being rebuilt', () => engine.status().rebuilding.length)
    gauge('hark_signing', '1 while what is new in the event log is signed here', () => Number(signing().isSigning))
    gauge(
      'hark_last_checkpoint_timestamp_seconds',
      'When the newest checkpoint was signed; 0 where there is none',
      () => Date.parse(signing().signedAt ?? NEVER) / 1000,
    )
    this.#routerMetrics(routers)
  }

  #routerMetrics(routers: () => readonly RouterActivity[]): void {
    const registers = [this.#registry]
    const labelNames = ['namespace'] as const
    const ofEach = (
      Kind: typeof Gauge | typeof Counter,
      name: string,
      help: string,
      value: (of: RouterActivity) => number,
    ) =>
      new Kind({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          for (const activity of routers()) this.inc({ namespace: activity.namespace }, value(activity))
        },
      })
    ofEach(Gauge, 'hark_router_driven', '1 where this engine drives the router', of => Number(of.isDriven))
    ofEach(Gauge, 'hark_router_connected', '1 while the router answers this engine', of => Number(of.isConnected))
    ofEach(Gauge, 'hark_router_contested', '1 while others drive the router as well', of => Number(of.isContested))
    ofEach(Counter, 'hark_router_refusals_total', 'Management requests that the router refused', of => of.refusals)
    ofEach(Counter, 'hark_router_rounds_total', 'Looks at all that the router holds', of => of.rounds.count)
    ofEach(
      Counter,
      'hark_router_round_seconds_total',
      'How long the looks at all that the router holds took together',
      of => of.rounds.seconds,
    )
    new Counter({
      name: 'hark_router_probes_total',
      help: 'Probes of listeners, by what they found',
      labelNames: ['namespace', 'result'],
      registers,
      collect() {
        this.reset()
        for (const { namespace, probes } of routers())
          for (const result of PROBE_RESULTS) this.inc({ namespace, result }, probes[result])
      },
    })
    new Counter({
      name: 'hark_router_requests_total',
      help: 'Management requests to the router, by operation',
      labelNames: ['namespace', 'operation'],
      registers,
      collect() {
        this.reset()
        for (const { namespace, requests } of routers())
          for (const operation of MANAGEMENT_OPERATIONS) this.inc({ namespace, operation }, requests[operation])
      },
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  countHit(limit: LimitName): void {
    this.#countHit(limit)
  }

  countRefusedToken(): void {
    this.#countRefusedToken()
  }

  countRequest(route: string, status: number): void {
    this.#countRequest(route)(status).inc()
  }

  /** Runs a command, and counts and times it. */
  async observe<Answer>(
    type: string,
    run: () => Promise<Answer>,
    outcomeOf: (answer: Answer) => string,
  ): Promise<Answer> {
    const start = performance.now()
    let outcome = ''
    try {
      const answer = await run()
      outcome = outcomeOf(answer)
      return answer
    } catch (error) {
      outcome = codeOf(error)
      throw error
    } finally {
      this.#countCommand(type)(outcome).inc()
      this.#commandDuration(type).observe((performance.now() - start) / 1000)
    }
  }
}
