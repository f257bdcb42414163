import { type GuardedBy, inCategories } from '../schemas/events/events.ts'
import { updatedFields } from '../schemas/resources/listener.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

export interface RoutingKeyUse {
  readonly routingKey: string
  readonly kind: 'Listener' | 'Connector'
  readonly namespace: string
  readonly name: string
}

interface RoutingKeysRows {
  /** Keyed by the resource's stream. */
  readonly uses: RoutingKeyUse
}

const isFolded = inCategories('listener', 'connector')

const put = (draft: Draft<RoutingKeysRows>, key: string, use: RoutingKeyUse): void => {
  if (draft.get('uses', key)?.routingKey !== use.routingKey) draft.put('uses', key, use)
}

const fold = (draft: Draft<RoutingKeysRows>, event: GuardedBy<typeof isFolded>): void => {
  const { stream } = event
  const { namespace, name } = event.data
  switch (event.type) {
    case 'ListenerCreated':
      return put(draft, stream, { routingKey: event.data.spec.routingKey, kind: 'Listener', namespace, name })
    case 'ConnectorCreated':
    case 'ConnectorUpdated':
      return put(draft, stream, { routingKey: event.data.spec.routingKey, kind: 'Connector', namespace, name })
    case 'ListenerDeleted':
    case 'ConnectorDeleted':
      return draft.remove('uses', stream)
    default: {
      const { routingKey } = updatedFields(event.data)
      if (routingKey !== undefined) put(draft, stream, { routingKey, kind: 'Listener', namespace, name })
    }
  }
}

/** Spans all namespaces. */
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
