import { API_VERSION } from '../../../schemas/resources/kinds.ts'
import { readManifest } from '../../../schemas/resources/manifest.ts'
import { formatIssue } from '../../../schemas/validation.ts'
import { usageError } from '../errors.ts'
import { DEFAULT_NAMESPACE } from '../options.ts'

export const buildManifest = (kind: string, name: string, namespace: string | undefined, spec: object) => {
  const metadata = { name, ...(namespace !== undefined && { namespace }) }
  const manifest = { apiVersion: API_VERSION, kind, metadata, spec }
  const read = readManifest(manifest, DEFAULT_NAMESPACE)
  if (read.outcome === 'faulty') throw usageError(read.faults.map(formatIssue))
  return manifest
}
