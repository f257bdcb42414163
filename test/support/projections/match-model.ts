import type { HarkEvent } from '../../../schemas/events/events.ts'

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

/** The routing key of a declared resource after the last event of its stream; undefined if deleted. */
const declaredKey = (stream: readonly HarkEvent[]): string | undefined => {
  if (stream.at(-1)?.type.endsWith('Deleted')) return undefined
  const last = stream.findLast(event => /Created$|^ConnectorUpdated$|^RoutingKeyUpdated$/.test(event.type))
  const data = last?.data as { routingKey?: string; spec?: { routingKey: string } } | undefined
  return data?.routingKey ?? data?.spec?.routingKey
}

const isDeclared = (log: readonly HarkEvent[], kind: Kind, routingKey: string): boolean => {
  const streams = Map.groupBy(log, ({ stream }) => stream)
  const prefix = `${kind.toLowerCase()}-`
  return [...streams].some(([stream, events]) => stream.startsWith(prefix) && declaredKey(events) === routingKey)
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
