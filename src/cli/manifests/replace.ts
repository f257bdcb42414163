import type { Client } from '../client/client.ts'
import { type ApiError, ServerError } from '../client/errors.ts'
import { CliError } from '../errors.ts'
import type { ConditionedKind } from '../resources/resource.ts'
import { type ConditionedResource, resourceName, withoutNulls } from '../resources/resource.ts'
import { applyManifests } from './apply-manifests.ts'
import type { SourceDocument } from './documents.ts'
import { conditionedTargetOf, type ManifestTarget } from './manifest-target.ts'

export interface Replacement {
  readonly document: SourceDocument
  readonly target: ManifestTarget<ConditionedKind>
  readonly before: ConditionedResource
}

interface Refusal {
  readonly index: number
  readonly properties: readonly string[]
}

const refusalIn = (errors: readonly ApiError[]): Refusal | undefined => {
  const [error] = errors
  if (errors.length !== 1 || error?.extensions?.code !== 'IMMUTABLE_FIELD') return undefined
  const faults = (error.extensions.fields ?? []).map(({ path }) => /^manifests\[(\d+)\]\.spec\.(\w+)/.exec(path))
  const index = faults[0]?.[1]
  if (index === undefined || faults.some(fault => fault === null)) return undefined
  return { index: Number(index), properties: faults.map(fault => fault?.[2] as string) }
}

const withSpec = (document: SourceDocument, spec: object): SourceDocument => ({
  ...document,
  value: { ...(document.value as object), spec },
})

/** The properties that cannot change have the values of the resource, so that all others are checked. */
const asFarAsPossible = (
  document: SourceDocument,
  { spec }: ManifestTarget,
  before: ConditionedResource,
  properties: readonly string[],
): SourceDocument => {
  const current = withoutNulls(before.spec)
  const others = Object.entries(spec).filter(([property]) => !properties.includes(property))
  const kept = properties.flatMap(property => (property in current ? [[property, current[property]]] : []))
  return withSpec(document, Object.fromEntries([...others, ...kept]))
}

/**
 * Finds the documents that change what cannot be changed, and checks all other changes without executing them.
 *
 * @throws CliError if a document is rejected for another reason, or could not be replaced before the others are applied
 */
export const planReplacements = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
): Promise<ReadonlyMap<SourceDocument, Replacement>> => {
  const replaced = new Map<SourceDocument, Replacement>()
  const checked = [...documents]
  for (;;) {
    const { failure, errors = [] } = await applyManifests(client, checked, namespace, true)
    if (failure === undefined) break
    const refusal = refusalIn(errors)
    const document = documents[refusal?.index ?? -1]
    const target = document === undefined ? undefined : conditionedTargetOf(document.value, namespace)
    if (refusal === undefined || document === undefined || target === undefined || replaced.has(document)) throw failure
    const [before] = await target.kind.list(client, { namespace: target.namespace, name: target.name })
    if (before === undefined) throw failure
    replaced.set(document, { document, target, before })
    checked[refusal.index] = asFarAsPossible(document, target, before, refusal.properties)
  }
  // Each is replaced by a request of its own: an endpoint that another document would release is still taken.
  for (const [index, document] of documents.entries()) {
    if (!replaced.has(document)) continue
    const { failure } = await applyManifests(client, [checked[index] as SourceDocument], namespace, true)
    if (failure !== undefined) throw failure
  }
  return replaced
}

/**
 * Deletes and creates in one request, so that the history of both stays in one stream.
 *
 * @throws CliError naming a resource that was deleted and not created again
 */
export const replaceResource = async (client: Client, { target, before }: Replacement): Promise<void> => {
  const { kind, namespace, name, spec } = target
  const id = { namespace, name }
  try {
    await client.request(kind.replacement, {
      deletion: { ...id, expectedResourceVersion: before.metadata.resourceVersion },
      creation: { ...id, spec },
    })
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    const [left] = await kind.list(client, id)
    if (left !== undefined) throw error
    throw new CliError([`${resourceName(kind.kind, name)} was deleted and could not be created again:`, ...error.lines])
  }
}
