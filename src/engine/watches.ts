import { pending } from '../../projections/conditions.ts'
import { baseEntities, type ConfiguredSite } from '../../projections/configured-entities.ts'
import type { ListenerRow, ListenerStatusRows } from '../../projections/listener-status.ts'
import type { EntityRow, RouterConfigRows } from '../../projections/router-config-rows.ts'
import type { Change } from '../../projections/table.ts'
import { notFound } from '../../schemas/errors.ts'
import type { RouterEntity } from '../../schemas/router-entities.ts'
import { listenerStream, RESOURCE_PREFIXES } from '../../schemas/streams.ts'
import {
  ALL_LISTENERS,
  type ChangeFeed,
  EVENTS,
  listenersTopic,
  listenerTopic,
  routerConfigTopic,
} from './change-feed.ts'
import type {
  EntityChange,
  EntityDifferences,
  ListenerChange,
  MatchChange,
  Moment,
  ReadSide,
  ReadyChange,
  RouterConfigChange,
  Watches,
} from './engine.ts'
import { eventMatches } from './event-filter.ts'
import { keysOf } from './paging.ts'
import type { Projected } from './projector.ts'
import type { ReadModels } from './read-models.ts'

const momentOf = ({ event }: Projected): Moment => ({ position: event.position, time: event.time })

/** The changes of listeners that an event brought; where a row was only touched by the router's word, too. */
const listenerChanges = (projected: Projected, concerns: (row: ListenerRow) => boolean): ListenerChange[] =>
  (projected.changes.listenerStatus ?? []).flatMap(change => {
    if (change.table !== 'listeners') return []
    const { before, after } = change as Change<ListenerStatusRows, 'listeners'>
    const row = after ?? before
    if (row === undefined || !concerns(row)) return []
    const { namespace, name } = row
    return [{ ...momentOf(projected), namespace, name, eventType: projected.event.type, ...(after && { row: after }) }]
  })

const readyOf = (row: ListenerRow | undefined): Pick<ReadyChange, 'status' | 'reason' | 'message'> => {
  const { status, reason, message } = row?.conditions.Ready ?? pending('The listener was deleted')
  return { status, reason, message }
}

/** The entity itself, without whose it is. */
const entityOf = (row: EntityRow | undefined): RouterEntity | undefined => {
  if (row === undefined) return undefined
  const { namespace: _, ...entity } = row
  return entity
}

/** Changes of entities, and of what a site's router has besides, told apart. */
const entityChanges = (changes: readonly Change<RouterConfigRows>[], namespace: string): EntityDifferences => {
  const added: RouterEntity[] = []
  const removed: RouterEntity[] = []
  const changed: EntityChange[] = []
  const note = (before: RouterEntity | undefined, after: RouterEntity | undefined): void => {
    if (before === undefined && after !== undefined) added.push(after)
    else if (before !== undefined && after === undefined) removed.push(before)
    else if (before !== undefined && after !== undefined && JSON.stringify(before) !== JSON.stringify(after)) {
      changed.push({ type: after.type, name: after.name, before: before.attributes, after: after.attributes })
    }
  }
  for (const { table, key, before, after } of changes) {
    const entity = (after ?? before) as EntityRow | undefined
    if (table === 'entities' && entity?.namespace === namespace) {
      note(entityOf(before as EntityRow | undefined), entityOf(after as EntityRow | undefined))
    }
    if (table === 'sites' && key === namespace) {
      const then = baseEntities(namespace, before as ConfiguredSite | undefined)
      const now = baseEntities(namespace, after as ConfiguredSite | undefined)
      for (const entity of then)
        note(
          entity,
          now.find(same => same.type === entity.type && same.name === entity.name),
        )
      for (const entity of now)
        if (!then.some(same => same.type === entity.type && same.name === entity.name)) note(undefined, entity)
    }
  }
  return { added, removed, changed }
}

/** Live reading: what holds, and then what becomes of it. */
export const createWatches = (models: ReadModels, read: ReadSide, feed: ChangeFeed): Watches => {
  const existing = (namespace: string, name: string): ListenerRow => {
    const row = read.listener(namespace, name)
    if (row === undefined) throw notFound('Listener', namespace, name)
    return row
  }

  const isNamed =
    (namespace: string, name: string) =>
    (row: ListenerRow): boolean =>
      row.name === name && row.namespace === namespace

  const rowsAfter = (namespace: string, name: string, projected: Projected): readonly (ListenerRow | undefined)[] =>
    listenerChanges(projected, isNamed(namespace, name)).map(({ row }) => row)

  return {
    listener: (namespace, name, signal) => {
      const row = read.listener(namespace, name)
      const first = { ...read.head(), namespace, name, ...(row && { row }) }
      return feed.read<ListenerChange>(listenerTopic(listenerStream(namespace, name)), signal, [first], projected =>
        listenerChanges(projected, isNamed(namespace, name)),
      )
    },

    listeners: (namespace, signal) => {
      const { listeners } = models.serving.listenerStatus.tables
      const first = keysOf(listeners, listenerStream, namespace).map(key => {
        const row = listeners.get(key) as ListenerRow
        return { ...read.head(), namespace: row.namespace, name: row.name, row }
      })
      const topic = namespace === undefined ? ALL_LISTENERS : listenersTopic(namespace)
      const concerns = (row: ListenerRow): boolean => namespace === undefined || row.namespace === namespace
      return feed.read<ListenerChange>(topic, signal, first, projected => listenerChanges(projected, concerns))
    },

    hasMatchingConnector: (namespace, name, signal) => {
      let last = existing(namespace, name).hasMatchingConnector
      return feed.read<MatchChange>(
        listenerTopic(listenerStream(namespace, name)),
        signal,
        [{ ...read.head(), value: last }],
        projected =>
          rowsAfter(namespace, name, projected).flatMap(row => {
            const value = row?.hasMatchingConnector ?? false
            if (value === last) return []
            last = value
            return [{ ...momentOf(projected), value }]
          }),
      )
    },

    ready: (namespace, name, signal) => {
      let last = readyOf(existing(namespace, name))
      return feed.read<ReadyChange>(
        listenerTopic(listenerStream(namespace, name)),
        signal,
        [{ ...read.head(), ...last }],
        projected =>
          rowsAfter(namespace, name, projected).flatMap(row => {
            const now = readyOf(row)
            if (now.status === last.status && now.reason === last.reason && now.message === last.message) return []
            last = now
            return [{ ...momentOf(projected), ...now }]
          }),
      )
    },

    routerConfig: (namespace, signal) => {
      const first = { ...read.head(), config: read.routerConfig(namespace), added: [], removed: [], changed: [] }
      return feed.read<RouterConfigChange>(routerConfigTopic(namespace), signal, [first], projected => {
        const changes = entityChanges(projected.changes.routerConfig ?? [], namespace)
        if (changes.added.length + changes.removed.length + changes.changed.length === 0) return []
        const moment = momentOf(projected)
        return [{ ...moment, config: { ...read.routerConfig(namespace), position: moment.position }, ...changes }]
      })
    },

    events: (filter, signal) => {
      const matches = eventMatches(filter)
      return feed.read(EVENTS, signal, [], ({ event }) => {
        const isResource = RESOURCE_PREFIXES.some(prefix => event.stream.startsWith(prefix))
        return isResource && matches(event) ? [event] : []
      })
    },
  }
}
