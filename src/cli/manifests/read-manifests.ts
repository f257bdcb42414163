import { readManifest } from '../../../schemas/resources/manifest.ts'
import { formatIssue } from '../../../schemas/validation.ts'
import { CliError } from '../errors.ts'
import { type ReadDocument, readDocuments, type SourceDocument } from './documents.ts'
import { readSources, sourceName } from './sources.ts'

const faultsOf = (read: ReadDocument, namespace: string): string[] => {
  if ('fault' in read) return [read.fault]
  const { value, where } = read.document
  const manifest = readManifest(value, namespace)
  if (manifest.outcome !== 'faulty') return []
  return manifest.faults.map(fault => `${where(fault.path)}: ${formatIssue(fault)}`)
}

/**
 * Reads every document of these files and below these folders.
 *
 * @throws Failure with every fault of every one of them
 */
export const readManifests = async (paths: readonly string[], namespace: string): Promise<SourceDocument[]> => {
  const read = (await readSources(paths)).flatMap(readDocuments)
  if (read.length === 0) throw new CliError(`no manifests in ${paths.map(sourceName).join(', ')}`)
  const faults = read.flatMap(each => faultsOf(each, namespace))
  if (faults.length > 0) throw new CliError(faults)
  return read.flatMap(each => ('document' in each ? [each.document] : []))
}
