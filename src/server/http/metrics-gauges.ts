import { Counter, Gauge, type Registry } from 'prom-client'
import { MANAGEMENT_OPERATIONS, PROBE_RESULTS, type RouterActivity } from '../../controller/stats.ts'
import type { Engine } from '../../engine/engine.ts'
import type { SigningStatus } from '../../integrity/checkpoints/checkpointer.ts'

const EPOCH = '1970-01-01T00:00:00.000Z'

export interface MetricSources {
  readonly engine: Engine
  readonly openSubscriptions: () => number
  readonly routers: () => readonly RouterActivity[]
  readonly signing: () => SigningStatus
}

export const registerGauges = (registry: Registry, sources: MetricSources): void => {
  engineGauges(registry, sources)
  routerMetrics(registry, sources.routers)
}

const engineGauges = (registry: Registry, { engine, openSubscriptions, signing }: MetricSources): void => {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
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
  gauge('hark_store_live', '1 while the event store responds and the read models follow it', () =>
    Number(engine.status().live),
  )
  gauge('hark_store_writable', '0 while the event store is known to take no events, as on a full disk', () =>
    Number(engine.status().unwritable === undefined),
  )
  gauge('hark_read_models_rebuilding', 'Read models that are being rebuilt', () => engine.status().rebuilding.length)
  gauge('hark_rebuild_running', '1 while all read models are made anew beside those in use', () =>
    Number(engine.rebuild.progress !== undefined),
  )
  gauge('hark_rebuild_progress_ratio', 'The share of the log that the running rebuild has read; 0 without one', () => {
    const { done = 0, total = 0 } = engine.rebuild.progress ?? {}
    return total === 0 ? 0 : done / total
  })
  gauge('hark_signing', '1 while what is new in the event log is signed here', () => Number(signing().isSigning))
  gauge(
    'hark_last_checkpoint_timestamp_seconds',
    'When the newest checkpoint was signed; 0 where there is none',
    () => Date.parse(signing().signedAt ?? EPOCH) / 1000,
  )
}

const routerMetrics = (registry: Registry, routers: () => readonly RouterActivity[]): void => {
  const registers = [registry]
  const perRouter = (
    Kind: typeof Gauge | typeof Counter,
    name: string,
    help: string,
    value: (router: RouterActivity) => number,
  ): void => {
    new Kind({
      name,
      help,
      labelNames: ['namespace'] as const,
      registers,
      collect() {
        this.reset()
        for (const router of routers()) this.inc({ namespace: router.namespace }, value(router))
      },
    })
  }
  perRouter(Gauge, 'hark_router_driven', '1 where this engine drives the router', of => Number(of.isDriven))
  perRouter(Gauge, 'hark_router_connected', '1 while the router responds to this engine', of => Number(of.isConnected))
  perRouter(Gauge, 'hark_router_contested', '1 while others drive the router as well', of => Number(of.isContested))
  perRouter(Counter, 'hark_router_refusals_total', 'Management requests that the router refused', of => of.refusals)
  perRouter(Counter, 'hark_router_rounds_total', 'Complete reads of the entities of the router', of => of.rounds.count)
  perRouter(
    Counter,
    'hark_router_round_seconds_total',
    'Seconds spent on complete reads of the entities of the router',
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
