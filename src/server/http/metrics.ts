import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { ReloadState } from '../../config/file-reloader.ts'
import { LIMIT_NAMES, type LimitName } from '../../config/limits.ts'
import type { Engine } from '../../engine/engine.ts'
import { codeOf } from '../graphql/mask-error.ts'
import { type MetricSources, registerGauges } from './metrics-gauges.ts'
import { type ListenerMetricsOptions, registerListenerMetrics } from './metrics-listeners.ts'
import { type DatabaseFiles, registerProcessMetrics } from './metrics-process.ts'
import { registerReloadMetrics } from './metrics-reloads.ts'

interface MetricsOptions extends MetricSources, Pick<ListenerMetricsOptions, 'logger' | 'mostListeners'> {
  readonly databaseFiles: DatabaseFiles | undefined
  readonly reloads: () => readonly ReloadState[]
}

/** Batches of few events take microseconds. */
const PROJECTION_BUCKETS_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5]
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const memoize = <Key, Value>(create: (key: Key) => Value): ((key: Key) => Value) => {
  const values = new Map<Key, Value>()
  return key => {
    let value = values.get(key)
    if (value === undefined) {
      value = create(key)
      values.set(key, value)
    }
    return value
  }
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #commands: (type: string) => (outcome: string) => Counter.Internal
  readonly #commandDuration: (type: string) => Histogram.Internal<'type'>
  readonly #queryDuration: (field: string) => Histogram.Internal<'field'>
  readonly #limitHits: Counter<'limit'>
  readonly #rejectedTokens: Counter
  readonly #requests: (route: string) => (status: number) => Counter.Internal

  constructor(options: MetricsOptions) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    const commands = new Counter({
      name: 'hark_commands_total',
      help: 'Commands by type, and by outcome: done, unchanged, or the code of the error',
      labelNames: ['type', 'outcome'] as const,
      registers,
    })
    this.#commands = memoize(type => memoize(outcome => commands.labels({ type, outcome })))
    const durations = <Label extends string>(name: string, help: string, label: Label) => {
      const buckets = DURATION_BUCKETS_S
      const histogram = new Histogram({ name, help, labelNames: [label], buckets, registers })
      return memoize((value: string) => histogram.labels(value))
    }
    this.#commandDuration = durations(
      'hark_command_duration_seconds',
      'How long commands took, until they were durable and shown',
      'type',
    )
    this.#queryDuration = durations(
      'hark_query_duration_seconds',
      'How long GraphQL queries took, by their first field',
      'field',
    )
    const requests = new Counter({
      name: 'hark_http_requests_total',
      help: 'HTTP requests by route and status',
      labelNames: ['route', 'status'] as const,
      registers,
    })
    this.#requests = memoize(route => memoize(status => requests.labels({ route, status: String(status) })))
    this.#limitHits = new Counter({
      name: 'hark_limit_hits_total',
      help: 'Requests and connections that ran into a limit, by its name',
      labelNames: ['limit'] as const,
      registers,
    })
    for (const limit of LIMIT_NAMES) this.#limitHits.inc({ limit }, 0)
    this.#rejectedTokens = new Counter({
      name: 'hark_refused_tokens_total',
      help: 'Requests that were refused because they showed no token that is taken',
      registers,
    })
    this.#registerProjection(options.engine)
    registerGauges(this.#registry, options)
    registerListenerMetrics(this.#registry, options)
    registerProcessMetrics(this.#registry, options.databaseFiles)
    registerReloadMetrics(this.#registry, options.reloads)
  }

  #registerProjection({ readModels }: Pick<Engine, 'readModels'>): void {
    const registers = [this.#registry]
    const duration = new Histogram({
      name: 'hark_projection_duration_seconds',
      help: 'How long it took to update the read models by a batch of events',
      buckets: PROJECTION_BUCKETS_S,
      registers,
    })
    const events = new Counter({
      name: 'hark_projected_events_total',
      help: 'Events by which the read models were updated',
      registers,
    })
    readModels.onBatch(batch => {
      duration.observe(batch.milliseconds / 1000)
      events.inc(batch.events)
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  countHit(limit: LimitName): void {
    this.#limitHits.inc({ limit })
  }

  countRejectedToken(): void {
    this.#rejectedTokens.inc()
  }

  countRequest(route: string, status: number): void {
    this.#requests(route)(status).inc()
  }

  observeQuery(field: string, seconds: number): void {
    this.#queryDuration(field).observe(seconds)
  }

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
      this.#commands(type)(outcome).inc()
      this.#commandDuration(type).observe((performance.now() - start) / 1000)
    }
  }
}
