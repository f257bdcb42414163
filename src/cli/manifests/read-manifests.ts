import { CliError } from '../errors.ts'
import { readDocuments, type SourceDocument } from './documents.ts'
import { readSources, sourceName } from './sources.ts'

interface ReadManifests {
  /** The server validates them. */
  readonly documents: readonly SourceDocument[]
  readonly faults: readonly string[]
}

export const readManifests = async (paths: readonly string[]): Promise<ReadManifests> => {
  const read = (await readSources(paths)).flatMap(readDocuments)
  if (read.length === 0) throw new CliError(`no manifests in ${paths.map(sourceName).join(', ')}`)
  return {
    documents: read.flatMap(each => ('document' in each ? [each.document] : [])),
    faults: read.flatMap(each => ('fault' in each ? [each.fault] : [])),
  }
}
