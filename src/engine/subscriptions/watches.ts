import { notFound } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { ReadSide } from '../engine.ts'
import type { PastChanges } from '../history/row-changes.ts'
import type { MomentRequest } from '../history/types.ts'
import type { LogReader } from '../queries/log-reader.ts'
import type { Moment } from '../queries/types.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { CatchUpSubscription, type Source } from './catch-up-subscription.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Watch, Watches } from './types.ts'
import { eventSource } from './watch-events.ts'
import { matchWatch, readyWatch } from './watch-listeners.ts'
import { resourcesWatch, resourceWatch } from './watch-resources.ts'
import { routerConfigWatch } from './watch-router-config.ts'
import { type RowWatch, rowSource } from './watch-rows.ts'
import { sitesWatch } from './watch-sites.ts'

interface WatchesOptions {
  readonly models: ReadModels
  readonly read: ReadSide
  readonly feed: ChangeFeed
  readonly log: LogReader
  readonly past: PastChanges
  readonly positionOf: (moment: MomentRequest) => Promise<Position>
  readonly momentAt: (position: Position) => Promise<Moment>
}

type From = MomentRequest | undefined

export const createWatches = ({ models, read, feed, log, past, positionOf, momentAt }: WatchesOptions): Watches => {
  const sources = { models, past, momentAt, head: () => read.head() }

  const follow = <T>(source: Source<T>, signal: AbortSignal, from: From): Watch<T> => {
    const subscription = new CatchUpSubscription(source, feed, () => read.head().position, signal)
    return from === undefined ? subscription.fromNow() : subscription.from(positionOf(from))
  }

  const followRows = <T>(watch: RowWatch<T>, signal: AbortSignal, from: From): Watch<T> =>
    follow(rowSource(watch, sources), signal, from)

  const requireListener = (namespace: string, name: string, from: From): void => {
    if (from === undefined && read.resource('Listener', namespace, name) === undefined)
      throw notFound('Listener', namespace, name)
  }

  return {
    resource: (kind, namespace, name, signal, from) => followRows(resourceWatch(kind, namespace, name), signal, from),
    resources: (kind, scope, signal, from) => followRows(resourcesWatch(kind, scope), signal, from),
    sites: (scope, signal, from) => followRows(sitesWatch(scope), signal, from),
    hasMatchingConnector: (namespace, name, signal, from) => {
      requireListener(namespace, name, from)
      return followRows(matchWatch(namespace, name), signal, from)
    },
    ready: (namespace, name, signal, from) => {
      requireListener(namespace, name, from)
      return followRows(readyWatch(namespace, name), signal, from)
    },
    routerConfig: (namespace, signal, from) => followRows(routerConfigWatch(namespace), signal, from),
    events: (filter, signal, from) => follow(eventSource(filter, log), signal, from),
  }
}
