import { CliError } from '../errors.ts'
import { readDocuments, type SourceDocument } from './documents.ts'
import { readSources, sourceName } from './sources.ts'

export interface ReadManifests {
  /** What they say is for the server to validate. */
  readonly documents: readonly SourceDocument[]
  /** A line for every document that is not YAML. */
  readonly faults: readonly string[]
}

/**
 * Reads every document of these files and below these folders.
 *
 * @throws CliError for a path that cannot be read, and if there is no document
 */
export const readManifests = async (paths: readonly string[]): Promise<ReadManifests> => {
  const read = (await readSources(paths)).flatMap(readDocuments)
  if (read.length === 0) throw new CliError(`no manifests in ${paths.map(sourceName).join(', ')}`)
  return {
    documents: read.flatMap(each => ('document' in each ? [each.document] : [])),
    faults: read.flatMap(each => ('fault' in each ? [each.fault] : [])),
  }
}
