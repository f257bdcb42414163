import type { SourceDocument } from '../../manifests/documents.ts'
import { type Resource, type ResourceKind, toManifest } from '../../resources/resource.ts'

type Manifest = Omit<ReturnType<typeof toManifest>, 'status'>

/** Without the status, which manifests do not change. Its resourceVersion prevents lost updates. */
export const editable = (kind: ResourceKind, resource: Resource): Manifest => {
  const { status: _, ...manifest } = toManifest(kind, resource)
  return manifest
}

/** A document that is in no file. */
export const unplaced = (value: object, name: string): SourceDocument => ({ value, where: () => name })
