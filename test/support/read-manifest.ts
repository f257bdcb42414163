import assert from 'node:assert/strict'
import { API_VERSION } from '../../schemas/resources/kinds.ts'
import { readManifest } from '../../schemas/resources/manifest.ts'
import { formatIssue } from '../../schemas/validation.ts'

export const manifest = (kind: string, spec: unknown, metadata: object = { name: 'backend', namespace: 'west' }) => ({
  apiVersion: API_VERSION,
  kind,
  metadata,
  spec,
})

/** The spec of a valid manifest. */
export const specOf = (document: unknown): unknown => {
  const read = readManifest(document, undefined)
  assert.equal(read.outcome, 'manifest', JSON.stringify(read))
  return read.outcome === 'manifest' ? read.manifest.spec : undefined
}

/** The issues of a document, one per line. */
export const faultsOf = (document: unknown, namespace?: string): string[] => {
  const read = readManifest(document, namespace)
  assert.equal(read.outcome, 'faulty', JSON.stringify(read))
  return read.outcome === 'faulty' ? read.faults.map(formatIssue) : []
}
