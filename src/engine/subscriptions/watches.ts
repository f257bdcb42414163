import type { ListenerRow } from '../../../projections/listener-status.ts'
import { entitiesOf } from '../../../projections/router-config/router-config.ts'
import type { ConditionResult } from '../../../projections/shared/conditions.ts'
import { notFound } from '../../../schemas/errors.ts'
import type { Position, RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { listenerStream, RESOURCE_PREFIXES } from '../../../schemas/events/streams.ts'
import type { ReadSide } from '../engine.ts'
import type { ChangesOfEvent, FollowedRows, WatchedTables } from '../history/replayed-tables.ts'
import type { PastChanges } from '../history/row-changes.ts'
import type { MomentRequest } from '../history/types.ts'
import { eventMatches, prefixesOf } from '../queries/event-filter.ts'
import type { LogReader } from '../queries/log-reader.ts'
import { keysOf } from '../queries/pagination.ts'
import type { EventFilter, Moment } from '../queries/types.ts'
import { toQueryError } from '../read-models/errors.ts'
import type { Projected } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { CatchUpSubscription, type ChangeBatch, type Source } from './catch-up-subscription.ts'
import {
  ALL_LISTENERS,
  type ChangeFeed,
  EVENTS,
  listenersTopic,
  listenerTopic,
  routerConfigTopic,
} from './change-feed.ts'
import { entityChanges, listenerChanges, momentOf, readyOf } from './changes.ts'
import type { ListenerChange, MatchChange, ReadyChange, RouterConfigChange, Watches } from './types.ts'

interface WatchesOptions {
  readonly models: ReadModels
  readonly read: ReadSide
  readonly feed: ChangeFeed
  readonly log: LogReader
  readonly past: PastChanges
  readonly positionOf: (moment: MomentRequest) => Promise<Position>
  /** A position with when the last event at or before it was recorded. */
  readonly momentAt: (position: Position) => Promise<Moment>
}

/** How a watch begins with tables as they are at a moment, and goes on from there. */
type Begin<T> = (
  tables: WatchedTables,
  at: Moment,
) => { readonly first: readonly T[]; readonly next: (told: ChangesOfEvent) => readonly T[] }

/** What there is to read of a listener that is not there: it never was, or is no more. */
const NOT_THERE: ConditionResult = { status: 'Unknown', reason: 'NotFound', message: 'There was no such listener' }

/** The same for filters that let the same through. */
const filterKey = ({ namespace, name, types }: EventFilter): string => JSON.stringify([namespace, name, types])

/** Lets a row say of when it is: what belongs to it is looked for there. */
const asOf = <T>(value: T, position: Position): T => {
  const { row } = value as { readonly row?: ListenerRow }
  return row === undefined ? value : { ...value, row: { ...row, asOf: position } }
}

/** Reading that goes on: what holds, or held, and then what becomes of it. */
export const createWatches = ({ models, read, feed, log, past, positionOf, momentAt }: WatchesOptions): Watches => {
  const liveTables = (): WatchedTables => {
    const { listenerStatus, routerConfig } = models.serving
    const { sites, entities } = routerConfig.tables
    return { listeners: listenerStatus.tables.listeners, sites, entities }
  }

  const follow = <T>(watched: Source<T>, signal: AbortSignal, from: MomentRequest | undefined): AsyncIterable<T> => {
    const follower = new CatchUpSubscription(watched, feed, () => read.head().position, signal)
    return from === undefined ? follower.fromNow() : follower.from(positionOf(from))
  }

  const watchRows = <T>(
    what: string,
    topic: string,
    followed: readonly FollowedRows[],
    begin: Begin<T>,
    signal: AbortSignal,
    from: MomentRequest | undefined,
  ): AsyncIterable<T> => {
    const now = () => begin(liveTables(), read.head())
    async function* since(after: Position, to: Position, wantsFirst: boolean): AsyncGenerator<ChangeBatch<T>> {
      const replica = await past.replica(followed, after)
      const { first, next } = begin(replica.tables, await momentAt(after))
      if (wantsFirst) yield { position: after, values: first.map(value => asOf(value, after)) }
      for await (const told of past.between(replica, followed, after, to)) {
        const { position } = told.event
        const values = next(told)
        if (values.length > 0) yield { position, values: values.map(value => asOf(value, position)) }
      }
    }
    return follow({ name: `${what} of ${topic}`, topic, now, since }, signal, from)
  }

  const requireListener = (namespace: string, name: string): void => {
    if (read.listener(namespace, name) === undefined) throw notFound('Listener', namespace, name)
  }

  const isNamed =
    (namespace: string, name: string) =>
    (row: ListenerRow): boolean =>
      row.name === name && row.namespace === namespace

  /** Something of one listener that is told whenever it changes. */
  const watchListener = <T>(
    what: string,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    begin: (
      row: ListenerRow | undefined,
      at: Moment,
    ) => Begin<T> extends (...args: never) => infer Begun
      ? Omit<Begun, 'next'> & { readonly next: (row: ListenerRow | undefined, told: ChangesOfEvent) => readonly T[] }
      : never,
    signal: AbortSignal,
    from: MomentRequest | undefined,
  ): AsyncIterable<T> => {
    const key = listenerStream(namespace, name)
    const followed = [{ model: 'listenerStatus', table: 'listeners', rows: { key } }] as const
    return watchRows<T>(
      what,
      listenerTopic(key),
      followed,
      (tables, at) => {
        const { first, next } = begin(tables.listeners.get(key), at)
        const isOwn = isNamed(namespace, name)
        return { first, next: told => listenerChanges(told, isOwn).flatMap(({ row }) => next(row, told)) }
      },
      signal,
      from,
    )
  }

  return {
    listener: (namespace, name, signal, from) =>
      watchListener<ListenerChange>(
        'listener',
        { namespace, name },
        (row, at) => ({
          first: [{ ...at, namespace, name, ...(row && { row }) }],
          next: (now, told) => [
            { ...momentOf(told), namespace, name, eventType: told.event.type, ...(now && { row: now }) },
          ],
        }),
        signal,
        from,
      ),

    listeners: (namespace, signal, from) => {
      const prefix = namespace === undefined ? '' : listenerStream(namespace, '')
      const concerns = (row: ListenerRow): boolean => namespace === undefined || row.namespace === namespace
      return watchRows<ListenerChange>(
        'listeners',
        namespace === undefined ? ALL_LISTENERS : listenersTopic(namespace),
        [{ model: 'listenerStatus', table: 'listeners', rows: { prefix } }],
        ({ listeners }, at) => ({
          first: keysOf(listeners, listenerStream, namespace).map(key => {
            const row = listeners.get(key) as ListenerRow
            return { ...at, namespace: row.namespace, name: row.name, row }
          }),
          next: told => listenerChanges(told, concerns),
        }),
        signal,
        from,
      )
    },

    hasMatchingConnector: (namespace, name, signal, from) => {
      if (from === undefined) requireListener(namespace, name)
      return watchListener<MatchChange>(
        'match',
        { namespace, name },
        (row, at) => {
          let last = row?.hasMatchingConnector ?? false
          return {
            first: [{ ...at, value: last }],
            next: (now, told) => {
              const value = now?.hasMatchingConnector ?? false
              if (value === last) return []
              last = value
              return [{ ...momentOf(told), value }]
            },
          }
        },
        signal,
        from,
      )
    },

    ready: (namespace, name, signal, from) => {
      if (from === undefined) requireListener(namespace, name)
      return watchListener<ReadyChange>(
        'ready',
        { namespace, name },
        (row, at) => {
          let last = row === undefined ? NOT_THERE : readyOf(row)
          return {
            first: [{ ...at, ...last }],
            next: (row, told) => {
              const now = readyOf(row)
              if (now.status === last.status && now.reason === last.reason && now.message === last.message) return []
              last = now
              return [{ ...momentOf(told), ...now }]
            },
          }
        },
        signal,
        from,
      )
    },

    routerConfig: (namespace, signal, from) =>
      watchRows<RouterConfigChange>(
        'configuration',
        routerConfigTopic(namespace),
        [
          { model: 'routerConfig', table: 'sites', rows: { key: namespace } },
          { model: 'routerConfig', table: 'entities', rows: { index: 'namespace', value: namespace } },
        ],
        (tables, at) => {
          const configAt = (position: Position) => ({ namespace, position, entities: entitiesOf(tables, namespace) })
          return {
            first: [{ ...at, config: configAt(at.position), added: [], removed: [], changed: [] }],
            next: told => {
              const changes = entityChanges(told.changes.routerConfig ?? [], namespace)
              if (changes.added.length + changes.removed.length + changes.changed.length === 0) return []
              return [{ ...momentOf(told), config: configAt(told.event.position), ...changes }]
            },
          }
        },
        signal,
        from,
      ),

    events: (filter, signal, from) => {
      const matches = eventMatches(filter)
      const isWanted = (event: RecordedEvent): boolean =>
        RESOURCE_PREFIXES.some(prefix => event.stream.startsWith(prefix)) && matches(event)
      async function* since(after: Position, to: Position): AsyncGenerator<ChangeBatch<RecordedEvent>> {
        try {
          for await (const event of log.between(after, to, prefixesOf(filter)))
            if (matches(event)) yield { position: event.position, values: [event] }
        } catch (error) {
          throw toQueryError(error)
        }
      }
      const now = () => ({
        first: [],
        next: (told: ChangesOfEvent) => {
          const { recorded } = told as Projected
          return isWanted(recorded) ? [recorded] : []
        },
      })
      return follow<RecordedEvent>({ name: `events ${filterKey(filter)}`, topic: EVENTS, now, since }, signal, from)
    },
  }
}
