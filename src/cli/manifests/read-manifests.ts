import { CliError } from '../errors.ts'
import { readDocuments, type SourceDocument } from './documents.ts'
import { readSources, sourceName } from './sources.ts'

/**
 * Reads every document of these files and below these folders. What the documents say is for the server to validate.
 *
 * @throws CliError with a line for every document that is not YAML
 */
export const readManifests = async (paths: readonly string[]): Promise<SourceDocument[]> => {
  const read = (await readSources(paths)).flatMap(readDocuments)
  if (read.length === 0) throw new CliError(`no manifests in ${paths.map(sourceName).join(', ')}`)
  const faults = read.flatMap(each => ('fault' in each ? [each.fault] : []))
  if (faults.length > 0) throw new CliError(faults)
  return read.flatMap(each => ('document' in each ? [each.document] : []))
}
