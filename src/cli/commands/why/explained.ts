import type { Client } from '../../client/client.ts'
import {
  ChangesDocument,
  type EventFragment,
  ListenerDocument,
  type ListenerQuery,
  type ListenerQueryVariables,
  MultiKeyListenerDocument,
} from '../../client/generated.ts'
import { isMultiKey } from '../../history/listener-subject.ts'
import { routingKeysText } from '../../resources/strategy.ts'

type Listener = NonNullable<ListenerQuery['listener']>
export type Condition = Listener['status']['conditions'][number]

export interface Explained {
  readonly kind: string
  readonly metadata: Pick<Listener['metadata'], 'name' | 'namespace' | 'generation'>
  readonly port: number
  /** `routing key backend`, or `one of the routing keys east,north` */
  readonly connectorsHave: string
  readonly conditions: readonly Condition[]
}

export const findExplained = async (
  client: Client,
  kind: string,
  scope: ListenerQueryVariables,
): Promise<Explained | undefined> => {
  if (isMultiKey(kind)) {
    const { multiKeyListener } = await client.request(MultiKeyListenerDocument, scope)
    if (multiKeyListener === null) return undefined
    const { metadata, spec, status } = multiKeyListener
    const connectorsHave = `one of the routing keys ${routingKeysText(spec.strategy)}`
    return { kind, metadata, port: spec.port, connectorsHave, conditions: status.conditions }
  }
  const { listener } = await client.request(ListenerDocument, scope)
  if (listener === null) return undefined
  const { metadata, spec, status } = listener
  return {
    kind,
    metadata,
    port: spec.port,
    connectorsHave: `routing key ${spec.routingKey}`,
    conditions: status.conditions,
  }
}

interface Cause {
  readonly namespace: string
  readonly name: string
  readonly position: string
}

/** Undefined for unobserved time. */
export const eventAt = async (
  client: Client,
  kind: string,
  { namespace, name, position }: Cause,
): Promise<EventFragment | undefined> => {
  const [from, to] = [{ position }, { position }]
  const subject = isMultiKey(kind) ? { multiKeyListener: name } : { listener: name }
  const { changes } = await client.request(ChangesDocument, { namespace, ...subject, from, to, first: 1 })
  return changes.edges[0]?.node.event
}
