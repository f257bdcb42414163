import { Gauge, type Registry } from 'prom-client'
import type { ListenerRow } from '../../../projections/listener-status.ts'
import { type AnyConditions, resourceStatus } from '../../../projections/shared/evaluate-conditions.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Logger } from '../../lib/logger.ts'
import { throttle } from '../../lib/throttle.ts'

const STATUSES = ['Ready', 'Pending', 'Error', 'Unknown'] as const
type Status = (typeof STATUSES)[number]

const MS_PER_SECOND = 1000
const LOG_EVERY_MS = 3_600_000

interface Resource {
  readonly namespace: string
  readonly conditions: AnyConditions
}

export interface ListenerMetricsOptions {
  readonly engine: Pick<Engine, 'readModels'>
  readonly logger: Logger
  readonly mostListeners: number
}

/** GraphQL counts Unknown as Pending; an alert has to distinguish them. */
const statusOf = ({ conditions }: Resource): Status =>
  conditions.Ready.status === 'Unknown' ? 'Unknown' : resourceStatus(conditions)

const countStatuses = (resources: Iterable<Resource>): Map<string, Record<Status, number>> => {
  const counts = new Map<string, Record<Status, number>>()
  for (const resource of resources) {
    let ofNamespace = counts.get(resource.namespace)
    if (ofNamespace === undefined) {
      ofNamespace = { Ready: 0, Pending: 0, Error: 0, Unknown: 0 }
      counts.set(resource.namespace, ofNamespace)
    }
    ofNamespace[statusOf(resource)] += 1
  }
  return counts
}

const isReady = ({ conditions }: Resource): boolean => conditions.Ready.status === 'True'
const changedAt = ({ conditions }: Resource): number => Date.parse(conditions.Ready.lastTransitionTime) / MS_PER_SECOND

const oldestNotReady = (listeners: Iterable<ListenerRow>): Map<string, number> => {
  const oldest = new Map<string, number>()
  for (const listener of listeners) {
    const known = oldest.get(listener.namespace) ?? 0
    const since = isReady(listener) ? 0 : changedAt(listener)
    oldest.set(listener.namespace, known === 0 || since === 0 ? known || since : Math.min(known, since))
  }
  return oldest
}

export const registerListenerMetrics = (registry: Registry, options: ListenerMetricsOptions): void => {
  const { readModels } = options.engine
  const registers = [registry]
  const byStatus = (name: string, help: string, rows: () => Iterable<Resource>): void => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'status'] as const,
      registers,
      collect() {
        this.reset()
        for (const [namespace, counts] of countStatuses(rows()))
          for (const status of STATUSES) this.set({ namespace, status }, counts[status])
      },
    })
  }
  byStatus('hark_listeners', 'Listeners by namespace and status: Ready, Pending, Error or Unknown', () =>
    readModels.serving.listenerStatus.tables.listeners.rows(),
  )
  byStatus('hark_connectors', 'Connectors by namespace and status: Ready, Pending, Error or Unknown', () =>
    readModels.serving.connectorStatus.tables.connectors.rows(),
  )
  new Gauge({
    name: 'hark_listeners_not_ready_since_timestamp_seconds',
    help: 'Since when the listener that is not ready for longest has not been ready; 0 if all are ready',
    labelNames: ['namespace'] as const,
    registers,
    collect() {
      this.reset()
      for (const [namespace, since] of oldestNotReady(readModels.serving.listenerStatus.tables.listeners.rows()))
        this.set({ namespace }, since)
    },
  })
  registerSingleListeners(registry, options)
}

const registerSingleListeners = (
  registry: Registry,
  { engine, logger, mostListeners }: ListenerMetricsOptions,
): void => {
  const registers = [registry]
  const table = () => engine.readModels.serving.listenerStatus.tables.listeners
  const logOmitted = throttle(LOG_EVERY_MS, (omitted: number) =>
    logger.warn(
      { omitted, limit: mostListeners },
      'listeners beyond the limit have no metrics of their own: change listenerMetrics (0 for none)',
    ),
  )
  const perListener = (name: string, help: string, value: (listener: ListenerRow) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name'] as const,
      registers,
      collect() {
        this.reset()
        const listeners = table()
        for (const key of listeners.sortedKeys().slice(0, mostListeners)) {
          const listener = listeners.get(key) as ListenerRow
          this.set({ namespace: listener.namespace, name: listener.name }, value(listener))
        }
      },
    })
  }
  perListener('hark_listener_ready', '1 while the condition Ready of the listener is True, else 0', listener =>
    Number(isReady(listener)),
  )
  perListener(
    'hark_listener_ready_changed_timestamp_seconds',
    'When the condition Ready of the listener changed last',
    changedAt,
  )
  new Gauge({
    name: 'hark_listener_metrics_omitted',
    help: 'Listeners without metrics of their own, because they are beyond the limit',
    registers,
    collect() {
      const omitted = mostListeners === 0 ? 0 : Math.max(0, table().size - mostListeners)
      if (omitted > 0) logOmitted(omitted)
      this.set(omitted)
    },
  })
}
