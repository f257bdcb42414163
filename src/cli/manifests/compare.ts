import type { Client } from '../client/client.ts'
import { requestEach } from '../client/request-each.ts'
import { CliError } from '../errors.ts'
import { fieldDifferences } from '../history/change-lines.ts'
import { type Resource, resourceName, withoutNulls } from '../resources/resource.ts'
import { applyManifests } from './apply-manifests.ts'
import { targetOf } from './manifest-target.ts'
import { readManifests } from './read-manifests.ts'

type Fields = Readonly<Record<string, unknown>>

interface Changed {
  readonly target: NonNullable<ReturnType<typeof targetOf>>
  readonly document: unknown
}

const metadataDifferences = (what: string, before: unknown, after: object | undefined): string[] => {
  const named = (values: object): Fields =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${what} ${key}`, value]))
  return after === undefined ? [] : fieldDifferences(named(before ?? {}), named(after))
}

/** Missing properties have their defaults. */
const desiredSpec = async (document: unknown, namespace: string): Promise<Fields> => {
  const { readManifest } = await import('../../../schemas/resources/manifest.ts')
  const read = readManifest(document, namespace)
  return read.outcome === 'manifest' ? { ...read.manifest.spec } : {}
}

export const compareManifests = async (
  client: Client,
  paths: readonly string[],
  namespace: string,
  selector: string | undefined,
): Promise<readonly string[]> => {
  const { documents: all, faults } = await readManifests(paths)
  if (faults.length > 0) throw new CliError(faults)
  const documents =
    selector === undefined ? all : all.filter((await import('./select-by-label.ts')).isSelected(selector))
  if (documents.length === 0) return []
  const { results, failure } = await applyManifests(client, documents, namespace, { dryRun: true })
  if (failure !== undefined) throw failure
  const changed = results.flatMap(({ action }, index): Changed[] => {
    const value = documents[index]?.value
    const target = action === 'Created' || action === 'Configured' ? targetOf(value, namespace) : undefined
    return target === undefined ? [] : [{ target, document: value }]
  })
  const lines: string[] = []
  const reads = requestEach(changed, ({ target }) =>
    target.kind.list(client, { namespace: target.namespace, name: target.name }),
  )
  for await (const outcome of reads) {
    if (outcome.rejection !== undefined) throw outcome.rejection
    lines.push(...(await differenceLines(outcome.item, outcome.result[0], namespace)))
  }
  return lines
}

const differenceLines = async (
  { target, document }: Changed,
  before: Resource | undefined,
  namespace: string,
): Promise<string[]> => {
  const after = await desiredSpec(document, namespace)
  const spec = before === undefined ? {} : withoutNulls(before.spec)
  const { labels, annotations } = before?.metadata ?? {}
  const changes = [
    ...fieldDifferences(spec, after),
    ...metadataDifferences('label', labels, target.labels),
    ...metadataDifferences('annotation', annotations, target.annotations),
  ]
  const how = before === undefined ? ' (new)' : ''
  const title = `${resourceName(target.kind.kind, target.name)} in namespace ${target.namespace}${how}`
  return [title, ...changes.map(line => `  ${line}`)]
}
