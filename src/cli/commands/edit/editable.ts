import type { SourceDocument } from '../../manifests/documents.ts'
import { type Resource, type ResourceKind, toManifest } from '../../resources/resource.ts'

type Manifest = Omit<ReturnType<typeof toManifest>, 'status'>

/** Without the status, which manifests do not change. Its resourceVersion prevents lost updates. */
export const editable = (kind: ResourceKind, resource: Resource): Manifest => {
  const { status: _, ...manifest } = toManifest(kind, resource)
  return manifest
}

interface Metadata {
  readonly labels?: object | null
  readonly annotations?: object | null
}

/** A manifest without labels or annotations would leave those of its resource. */
export const withTexts = (manifest: object): object => {
  const { metadata } = manifest as { readonly metadata?: Metadata | null }
  const { labels, annotations, ...others } = metadata ?? {}
  return { ...manifest, metadata: { ...others, labels: labels ?? {}, annotations: annotations ?? {} } }
}

/** A document that is in no file. */
export const unplaced = (value: object, name: string): SourceDocument => ({ value, where: () => name })
