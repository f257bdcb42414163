import type { HarkEvent } from '../schemas/events/events.ts'
import type { ResourceSchema } from '../schemas/resources/definition.ts'
import { CONDITIONED_KINDS, type ConditionedKind } from '../schemas/resources/kinds.ts'
import { RESOURCES } from '../schemas/resources/registry.ts'
import { Draft, NO_CHANGES } from './kit/draft.ts'
import type { Projection } from './kit/projection.ts'

export interface RoutingKeyUse {
  readonly routingKey: string
  readonly kind: ConditionedKind
  readonly namespace: string
  readonly name: string
}

interface RoutingKeysRows {
  /** Keyed by the resource's stream. */
  readonly uses: RoutingKeyUse
}

interface Change {
  readonly namespace: string
  readonly name: string
  readonly routingKey?: string
  readonly spec?: { readonly routingKey: string }
}

const fold = (draft: Draft<RoutingKeysRows>, kind: ConditionedKind, { type, stream, data }: HarkEvent): void => {
  const { events }: ResourceSchema = RESOURCES[kind]
  if (events[type]?.audit.action === 'delete') return draft.remove('uses', stream)
  const { namespace, name, spec, routingKey = spec?.routingKey } = data as Change
  if (routingKey === undefined || draft.get('uses', stream)?.routingKey === routingKey) return
  draft.put('uses', stream, { routingKey, kind, namespace, name })
}

/** Spans all namespaces. */
export const routingKeys: Projection<RoutingKeysRows> = {
  name: 'routing-keys',
  version: 1,
  tables: { uses: { indexes: { routingKey: row => row.routingKey } } },
  project: (state, event) => {
    const kind = CONDITIONED_KINDS.find(each => event.type in RESOURCES[each].events)
    if (kind === undefined) return NO_CHANGES
    const draft = new Draft(routingKeys, state)
    fold(draft, kind, event)
    return draft.changes
  },
}
