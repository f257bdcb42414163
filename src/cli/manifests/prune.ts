import type { Client } from '../client/client.ts'
import { CONDITIONED_KINDS } from '../resources/kinds.ts'
import type { ConditionedKind } from '../resources/resource.ts'
import type { SourceDocument } from './documents.ts'
import { conditionedTargetOf } from './manifest-target.ts'

interface Prunable {
  readonly kind: ConditionedKind
  readonly namespace: string
  readonly name: string
}

const idOf = ({ kind, namespace, name }: Prunable): string => `${kind.kind} ${namespace} ${name}`

/** Those of the documents' kinds and namespaces that match the selector and are in no document. */
export const prunable = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
  labelSelector: string,
): Promise<readonly Prunable[]> => {
  const targets = documents.flatMap(({ value }) => conditionedTargetOf(value, namespace) ?? [])
  const kept = new Set(targets.map(idOf))
  const found: Prunable[] = []
  for (const kind of CONDITIONED_KINDS) {
    const namespaces = new Set(targets.filter(target => target.kind === kind).map(target => target.namespace))
    for (const each of namespaces) {
      const resources = await kind.list(client, { namespace: each, labelSelector })
      found.push(...resources.map(({ metadata }) => ({ kind, namespace: each, name: metadata.name })))
    }
  }
  return found.filter(resource => !kept.has(idOf(resource)))
}
