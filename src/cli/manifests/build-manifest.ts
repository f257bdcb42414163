import type { Kind } from '../../../schemas/resources/kinds.ts'
import { API_VERSION, readManifest } from '../../../schemas/resources/manifest.ts'
import { formatIssue } from '../../../schemas/validation.ts'
import { wrongUsage } from '../errors.ts'
import { DEFAULT_NAMESPACE } from '../options.ts'

export interface WrittenManifest<Spec> {
  readonly apiVersion: string
  readonly kind: Kind
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: Spec
}

/**
 * The manifest of a resource that the arguments describe.
 *
 * @throws Failure for wrong usage, with every fault of theirs
 */
export const manifestOf = <Spec extends object>(
  kind: Kind,
  name: string,
  namespace: string | undefined,
  spec: Spec,
): WrittenManifest<Spec> => {
  const metadata = { name, ...(namespace !== undefined && { namespace }) }
  const manifest = { apiVersion: API_VERSION, kind, metadata, spec }
  const read = readManifest(manifest, DEFAULT_NAMESPACE)
  if (read.outcome === 'faulty') throw wrongUsage(read.faults.map(formatIssue))
  return manifest
}
