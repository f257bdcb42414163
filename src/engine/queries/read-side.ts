import type { EventStore } from '../../event-store/event-store.ts'
import { compareText } from '../../lib/compare.ts'
import type { ReadSide } from '../engine.ts'
import type { Overview } from '../overview/types.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { readEvents, readHistory, readLastCommand, readLastEvents } from './event-log.ts'
import type { LogReader } from './log-reader.ts'
import { Queries } from './queries.ts'

const byKindAndName = (a: { kind: string; namespace: string; name: string }, b: typeof a): number =>
  compareText(a.kind, b.kind) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name)

export const createReadSide = (
  models: ReadModels,
  projector: Projector,
  store: EventStore,
  log: LogReader,
  past: Pick<ReadSide, 'kept' | 'past' | 'timeline' | 'bisect' | 'changes' | 'audit' | keyof Overview>,
): ReadSide => {
  const queries = new Queries(() => models.tables)

  return {
    head: () => projector.head,
    ...past,

    resource: (kind, namespace, name) => queries.resource(kind, namespace, name),
    resources: (kind, filter, page) => queries.resources(kind, filter, page),
    matchingConnectors: listener => queries.matchingConnectors(listener),

    sites: () => queries.sites(),
    router: site => queries.router(site),
    reachedSites: site => queries.reachedSites(site),

    routerConfig: namespace => ({
      namespace,
      position: projector.head.position,
      entities: queries.entities(namespace),
    }),

    routingKeyUses: routingKey =>
      [...models.serving.routingKeys.tables.uses.where('routingKey', routingKey)].sort(byKindAndName),

    events: (filter, page) => readEvents(log, filter, page),
    lastEvents: (filter, page) => readLastEvents(log, filter, page),
    history: (kind, namespace, name, page) => readHistory(store, kind, namespace, name, page),
    lastCommand: (kind, namespace, name, position) => readLastCommand(store, kind, namespace, name, position),
  }
}
