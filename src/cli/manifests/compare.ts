import type { Client } from '../client/client.ts'
import { CliError } from '../errors.ts'
import { fieldDifferences } from '../history/change-lines.ts'
import { resourceName, withoutNulls } from '../resources/resource.ts'
import { applyManifests } from './apply-manifests.ts'
import { targetOf } from './manifest-target.ts'
import { readManifests } from './read-manifests.ts'

type Fields = Readonly<Record<string, unknown>>

/** @param after undefined if they stay as they are */
const metadataDifferences = (what: string, before: unknown, after: object | undefined): string[] => {
  const named = (values: object): Fields =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${what} ${key}`, value]))
  return after === undefined ? [] : fieldDifferences(named(before ?? {}), named(after))
}

/** Properties that the manifest lacks have their defaults. */
const desiredSpec = async (document: unknown, namespace: string): Promise<Fields> => {
  const { readManifest } = await import('../../../schemas/resources/manifest.ts')
  const read = readManifest(document, namespace)
  return read.outcome === 'manifest' ? { ...read.manifest.spec } : {}
}

/**
 * @returns lines for people; none if nothing differs
 * @throws CliError if a manifest is invalid, or would be rejected
 */
export const compareManifests = async (
  client: Client,
  paths: readonly string[],
  namespace: string,
): Promise<readonly string[]> => {
  const { documents, faults } = await readManifests(paths)
  if (faults.length > 0) throw new CliError(faults)
  const { results, failure } = await applyManifests(client, documents, namespace, { dryRun: true })
  if (failure !== undefined) throw failure
  const lines: string[] = []
  for (const [index, { action }] of results.entries()) {
    const value = documents[index]?.value
    const target = action === 'Created' || action === 'Configured' ? targetOf(value, namespace) : undefined
    if (target === undefined) continue
    const [before] = await target.kind.list(client, { namespace: target.namespace, name: target.name })
    const after = await desiredSpec(value, namespace)
    const how = before === undefined ? ' (new)' : ''
    const spec = before === undefined ? {} : withoutNulls(before.spec)
    lines.push(`${resourceName(target.kind.kind, target.name)} in namespace ${target.namespace}${how}`)
    lines.push(...fieldDifferences(spec, after).map(line => `  ${line}`))
    const { labels, annotations } = before?.metadata ?? {}
    const changed = [
      ...metadataDifferences('label', labels, target.labels),
      ...metadataDifferences('annotation', annotations, target.annotations),
    ]
    lines.push(...changed.map(line => `  ${line}`))
  }
  return lines
}
