import type { HarkEvent } from '../schemas/events.ts'
import { Draft } from './draft.ts'
import { resourceKey } from './keys.ts'
import type { Projection } from './projection.ts'

/** A declared resource, and the routing key by which it is matched. */
export interface RoutingKeyUse {
  readonly routingKey: string
  readonly kind: 'Listener' | 'Connector'
  readonly namespace: string
  readonly name: string
}

export interface RoutingKeysRows {
  readonly uses: RoutingKeyUse
}

const use = (draft: Draft<RoutingKeysRows>, row: RoutingKeyUse): void => {
  const key = `${row.kind}/${resourceKey(row.namespace, row.name)}`
  if (draft.get('uses', key)?.routingKey !== row.routingKey) draft.put('uses', key, row)
}

const fold = (draft: Draft<RoutingKeysRows>, event: HarkEvent): void => {
  switch (event.type) {
    case 'ListenerCreated':
      return use(draft, {
        routingKey: event.data.spec.routingKey,
        kind: 'Listener',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'RoutingKeyUpdated':
      return use(draft, {
        routingKey: event.data.routingKey,
        kind: 'Listener',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'ListenerDeleted':
      return draft.remove('uses', `Listener/${resourceKey(event.data.namespace, event.data.name)}`)
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return use(draft, {
        routingKey: event.data.spec.routingKey,
        kind: 'Connector',
        namespace: event.data.namespace,
        name: event.data.name,
      })
    case 'ConnectorDeleted':
      return draft.remove('uses', `Connector/${resourceKey(event.data.namespace, event.data.name)}`)
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
