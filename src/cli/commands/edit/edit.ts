import type { Command } from 'commander'
import { type Client, clientOf } from '../../client/client.ts'
import { CliError } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural, resourceName } from '../../resources/resource.ts'
import { withSelectors } from '../../resources/selectors.ts'
import { findWanted, nothingFound, type WantedOptions, wantedBy } from '../../resources/wanted.ts'
import { editable } from './editable.ts'

interface Options extends ServerOption, NamespaceOption, WantedOptions {
  readonly replace?: true
}

const HELP = `
Opens the manifests in the editor of the variable VISUAL or EDITOR (default: vi), and applies them when it ends. If they
are rejected, the editor opens again with the faults. If nothing is changed, nothing is applied.
`

export const addEdit = (program: Command): void => {
  const command = program
    .command('edit')
    .summary('change resources in an editor')
    .description('Changes resources in an editor.')
    .argument('<kind>', `one of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .option('--replace', 'delete and create resources that cannot be changed otherwise')
    .addHelpText(
      'after',
      HELP +
        examplesText(['hark edit listener backend -n west', 'EDITOR="code --wait" hark edit listener/backend -n west']),
    )
    .action((kind: string, names: readonly string[], options: Options) => edit([kind, ...names], options))
  withServer(withNamespace(withSelectors(command)))
}

const COMMENT = '# '
const HEAD = [
  'Lines that begin with # are ignored. An unchanged or empty file changes nothing.',
  'If the manifests are rejected, this file opens again with the faults.',
]

const commented = (lines: readonly string[]): string => lines.map(line => `${COMMENT}${line}\n`).join('')

const withoutComments = (text: string): string => text.replace(/^#.*\n?/gm, '').trim()

const edit = async (words: readonly string[], options: Options): Promise<void> => {
  const client = clientOf(options)
  const wanted = await wantedBy(words, options)
  const found = await findWanted(client, wanted, options)
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0) throw new CliError(missing)
  const manifests = found.flatMap(({ kind, resources }) => resources.map(resource => editable(kind, resource)))
  if (manifests.length === 0) {
    note(nothingFound(wanted))
    return
  }
  const texts = await Promise.all(manifests.map(manifest => formatDocument(manifest, 'yaml')))
  await editText(client, `${texts.join('\n---\n')}\n`, options)
}

const editText = async (client: Client, original: string, options: Options): Promise<void> => {
  const { EditedFile } = await import('./editor.ts')
  const file = await EditedFile.create('manifests.yaml')
  let body = original
  let faults: readonly string[] = []
  for (;;) {
    const before = withoutComments(body)
    const edited = await file.edit(`${commented([...HEAD, ...faults])}${body}`)
    const after = withoutComments(edited)
    if (after === '' || after === withoutComments(original)) break
    if (after === before) throw new CliError([...faults, `nothing is applied: ${file.path} has the manifests`])
    body = `${after}\n`
    faults = await applyText(client, file.path, body, options)
    if (faults.length === 0) return file.remove()
  }
  await file.remove()
  note('Edit cancelled: no changes made.')
}

const applyText = async (
  client: Client,
  path: string,
  text: string,
  { namespace, replace }: Options,
): Promise<readonly string[]> => {
  const [{ readDocuments }, { applyManifests }] = await Promise.all([
    import('../../manifests/documents.ts'),
    import('../../manifests/apply-manifests.ts'),
  ])
  const read = readDocuments({ name: path, text })
  const faults = read.flatMap(each => ('fault' in each ? [each.fault] : []))
  if (faults.length > 0) return faults
  const documents = read.flatMap(each => ('document' in each ? [each.document] : []))
  const { results, failure } = await applyManifests(client, documents, namespace, { replace: replace === true })
  if (failure !== undefined) return failure.lines
  for (const { kind, name, action } of results)
    print(`${resourceName(kind, name)} ${action === 'Unchanged' ? 'unchanged' : 'edited'}`)
  return []
}
