import { CONDITIONED_KINDS, KINDS } from '../resources/kinds.ts'
import type { ConditionedKind, ResourceKind } from '../resources/resource.ts'

interface ManifestMetadata {
  readonly name?: unknown
  readonly namespace?: unknown
  readonly labels?: object | null
  readonly annotations?: object | null
}

interface Manifest {
  readonly kind?: unknown
  readonly metadata?: ManifestMetadata | null
  readonly spec?: object | null
}

interface ManifestTarget<K = ResourceKind> {
  readonly kind: K
  readonly namespace: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly labels: object | undefined
  readonly annotations: object | undefined
}

const targetIn = <K extends ResourceKind>(
  kinds: readonly K[],
  document: unknown,
  defaultNamespace: string,
): ManifestTarget<K> | undefined => {
  const { kind: named, metadata, spec } = (document ?? {}) as Manifest
  const kind = kinds.find(each => each.kind === named)
  const { name, namespace = defaultNamespace, labels, annotations } = metadata ?? {}
  if (kind === undefined || typeof name !== 'string' || typeof namespace !== 'string') return undefined
  return {
    kind,
    namespace,
    name,
    spec: { ...spec },
    labels: labels ?? undefined,
    annotations: annotations ?? undefined,
  }
}

/** Undefined if Hark does not manage it or it has no name. */
export const targetOf = (document: unknown, namespace: string): ManifestTarget | undefined =>
  targetIn(KINDS, document, namespace)

export const conditionedTargetOf = (
  document: unknown,
  namespace: string,
): ManifestTarget<ConditionedKind> | undefined => targetIn(CONDITIONED_KINDS, document, namespace)
