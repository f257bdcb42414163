import type { HarkEvent } from '../schemas/events/events.ts'
import { Draft } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

/** A declared resource, and the routing key by which it is matched. */
export interface RoutingKeyUse {
  readonly routingKey: string
  readonly kind: 'Listener' | 'Connector'
  readonly namespace: string
  readonly name: string
}

export interface RoutingKeysRows {
  /** Under the name of the resource's stream. */
  readonly uses: RoutingKeyUse
}

const use = (draft: Draft<RoutingKeysRows>, key: string, row: RoutingKeyUse): void => {
  if (draft.get('uses', key)?.routingKey !== row.routingKey) draft.put('uses', key, row)
}

const fold = (draft: Draft<RoutingKeysRows>, event: HarkEvent): void => {
  switch (event.type) {
    case 'ListenerCreated':
      return use(draft, event.stream, {
        routingKey: event.data.spec.routingKey,
        kind: 'Listener',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'RoutingKeyUpdated':
      return use(draft, event.stream, {
        routingKey: event.data.routingKey,
        kind: 'Listener',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'ListenerDeleted':
      return draft.remove('uses', event.stream)
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return use(draft, event.stream, {
        routingKey: event.data.spec.routingKey,
        kind: 'Connector',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'ConnectorDeleted':
      return draft.remove('uses', event.stream)
  }
}

/** Who uses a routing key: all that a key ties together, over all namespaces. */
export const routingKeys: Projection<RoutingKeysRows> = {
  name: 'routing-keys',
  version: 1,
  tables: { uses: { indexes: { routingKey: row => row.routingKey } } },
  project: (state, event) => {
    const draft = new Draft(routingKeys, state)
    fold(draft, event)
    return draft.changes
  },
}
