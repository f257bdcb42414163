import type { HarkEvent } from '../../../schemas/events/events.ts'
import { type MultiKeyListenerSpec, routingKeysOf } from '../../../schemas/resources/multi-key-listener.ts'

type Kind = 'Listener' | 'Connector'

const namespaceOf = ({ data }: HarkEvent): string => (data as { namespace: string }).namespace

const lastLink = (log: readonly HarkEvent[], namespace: string): HarkEvent['type'] | undefined => {
  const ofSite = log.filter(
    event => /^Router(?!Certificates|Contested|Uncontested)/.test(event.type) && namespaceOf(event) === namespace,
  )
  const last = ofSite.findLast(({ type }) => type !== 'RouterUnobserved')?.type
  // Without a router there is nothing to watch.
  return last === undefined || last === 'RouterDetached' ? last : ofSite.at(-1)?.type
}

interface Change {
  readonly routingKey?: string
  readonly spec?: { readonly routingKey: string } | MultiKeyListenerSpec
}

/** The routing keys of a declared resource after the last event of its stream; none if deleted. */
const declaredKeys = (stream: readonly HarkEvent[]): readonly string[] => {
  if (stream.at(-1)?.type.endsWith('Deleted')) return []
  const last = stream.findLast(event =>
    /Created$|^ConnectorUpdated$|^MultiKeyListenerUpdated$|^RoutingKeyUpdated$/.test(event.type),
  )
  const { routingKey, spec } = (last?.data ?? {}) as Change
  if (spec === undefined) return routingKey === undefined ? [] : [routingKey]
  return 'strategy' in spec ? routingKeysOf(spec.strategy) : [spec.routingKey]
}

const PREFIXES = { Listener: /^(multi-key-)?listener-/, Connector: /^connector-/ }

const isDeclared = (log: readonly HarkEvent[], kind: Kind, routingKey: string): boolean => {
  const streams = Map.groupBy(log, ({ stream }) => stream)
  return [...streams].some(
    ([stream, events]) => PREFIXES[kind].test(stream) && declaredKeys(events).includes(routingKey),
  )
}

/** Seen since the current router was attached. */
const isSeen = (log: readonly HarkEvent[], kind: Kind, namespace: string, routingKey: string): boolean => {
  const ofSite = log.filter(event => namespaceOf(event) === namespace)
  const since = ofSite.slice(ofSite.findLastIndex(({ type }) => type === 'RouterAttached') + 1)
  const sights = since.filter(({ type }) => type === `${kind}Seen` || type === `${kind}Gone`)
  const byIdentity = Map.groupBy(sights, ({ data }) => (data as { identity: string }).identity)
  return [...byIdentity.values()].some(
    of => (of.at(-1)?.data as { routingKey?: string } | undefined)?.routingKey === routingKey,
  )
}

/**
 * Whether a resource of a namespace with this routing key is matched by one of a kind, computed from the whole log.
 */
export const isMatched = (log: readonly HarkEvent[], kind: Kind, namespace: string, routingKey: string): boolean => {
  switch (lastLink(log, namespace)) {
    case undefined:
    case 'RouterDetached':
      return isDeclared(log, kind, routingKey)
    case 'RouterConnected':
      return isSeen(log, kind, namespace, routingKey)
    default:
      return false
  }
}
