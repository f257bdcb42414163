import { type GuardedBy, inCategories } from '../schemas/events/events.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

/** A declared resource and the routing key that it is matched by. */
export interface RoutingKeyUse {
  readonly routingKey: string
  readonly kind: 'Listener' | 'Connector'
  readonly namespace: string
  readonly name: string
}

export interface RoutingKeysRows {
  /** By stream of the resource. */
  readonly uses: RoutingKeyUse
}

const isFolded = inCategories('listener', 'connector')

/** Undefined for an event that deletes its resource, or leaves its routing key as it is. */
const routingKeyOf = (event: GuardedBy<typeof isFolded>): string | undefined => {
  switch (event.type) {
    case 'ListenerCreated':
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return event.data.spec.routingKey
    case 'RoutingKeyUpdated':
      return event.data.routingKey
    case 'HostUpdated':
    case 'PortUpdated':
    case 'ListenerDeleted':
    case 'ConnectorDeleted':
      return undefined
  }
}

const fold = (draft: Draft<RoutingKeysRows>, event: GuardedBy<typeof isFolded>): void => {
  const { stream, type, data } = event
  if (type === 'ListenerDeleted' || type === 'ConnectorDeleted') return draft.remove('uses', stream)
  const routingKey = routingKeyOf(event)
  if (routingKey === undefined || routingKey === draft.get('uses', stream)?.routingKey) return
  const kind = isListener(event) ? 'Listener' : 'Connector'
  draft.put('uses', stream, { routingKey, kind, namespace: data.namespace, name: data.name })
}

const isListener = inCategories('listener')

/** The resources with a routing key, over all namespaces. */
export const routingKeys: Projection<RoutingKeysRows> = {
  name: 'routing-keys',
  version: 1,
  tables: { uses: { indexes: { routingKey: row => row.routingKey } } },
  project: (state, event) => {
    if (!isFolded(event)) return NO_CHANGES
    const draft = new Draft(routingKeys, state)
    fold(draft, event)
    return draft.changes
  },
}
