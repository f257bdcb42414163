import type { HarkEvent } from '../schemas/events/events.ts'
import type { ResourceSchema } from '../schemas/resources/definition.ts'
import { CONDITIONED_KINDS, type ConditionedKind } from '../schemas/resources/kinds.ts'
import { metadataEventOf } from '../schemas/resources/metadata.ts'
import { type MultiKeyListenerSpec, routingKeysOf } from '../schemas/resources/multi-key-listener.ts'
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
  /** Keyed by the resource's stream, with several routing keys also by these. */
  readonly uses: RoutingKeyUse
}

interface Change {
  readonly namespace: string
  readonly name: string
  readonly routingKey?: string
  readonly spec?: { readonly routingKey: string } | MultiKeyListenerSpec
}

const setSeveral = (
  draft: Draft<RoutingKeysRows>,
  stream: string,
  resource: Omit<RoutingKeyUse, 'routingKey'>,
  routingKeys: readonly string[],
): void => {
  const wanted = new Set(routingKeys)
  for (const key of draft.keysWhere('uses', 'stream', stream)) {
    const { routingKey } = draft.get('uses', key) as RoutingKeyUse
    if (!wanted.delete(routingKey)) draft.remove('uses', key)
  }
  for (const routingKey of wanted) draft.put('uses', `${stream} ${routingKey}`, { routingKey, ...resource })
}

interface Folded {
  readonly kind: ConditionedKind
  readonly isDeletion: boolean
}

const FOLDED = new Map<string, Folded>(
  CONDITIONED_KINDS.flatMap(kind => {
    const { events }: ResourceSchema = RESOURCES[kind]
    return Object.entries(events)
      .filter(([type]) => metadataEventOf(type) === undefined)
      .map(([type, { audit }]) => [type, { kind, isDeletion: audit.action === 'delete' }] as const)
  }),
)

const fold = (draft: Draft<RoutingKeysRows>, { kind, isDeletion }: Folded, { stream, data }: HarkEvent): void => {
  const { namespace, name, spec, routingKey } = data as Change
  if (kind === 'MultiKeyListener') {
    const routingKeys = spec !== undefined && 'strategy' in spec && !isDeletion ? routingKeysOf(spec.strategy) : []
    return setSeveral(draft, stream, { kind, namespace, name }, routingKeys)
  }
  if (isDeletion) return draft.remove('uses', stream)
  const key = routingKey ?? (spec !== undefined && 'routingKey' in spec ? spec.routingKey : undefined)
  if (key === undefined || draft.get('uses', stream)?.routingKey === key) return
  draft.put('uses', stream, { routingKey: key, kind, namespace, name })
}

/** Spans all namespaces. */
export const routingKeys: Projection<RoutingKeysRows> = {
  name: 'routing-keys',
  version: 2,
  tables: {
    uses: {
      indexes: {
        routingKey: row => row.routingKey,
        // Others have one row, whose key is their stream.
        stream: ({ kind, namespace, name }) =>
          kind === 'MultiKeyListener' ? RESOURCES[kind].stream(namespace, name) : undefined,
      },
    },
  },
  project: (state, event) => {
    const folded = FOLDED.get(event.type)
    if (folded === undefined) return NO_CHANGES
    const draft = new Draft(routingKeys, state)
    fold(draft, folded, event)
    return draft.changes
  },
}
