import type { Command } from 'commander'
import { type Client, clientOf } from '../../client/client.ts'
import { CliError } from '../../errors.ts'
import type { SourceDocument } from '../../manifests/documents.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural, resourceName } from '../../resources/resource.ts'
import { withSelectors } from '../../resources/selectors.ts'
import { findWanted, nothingFound, type WantedOptions, wantedBy } from '../../resources/wanted.ts'
import { editable, withTexts } from './editable.ts'

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

const FILE = 'manifests.yaml'
/** In `/tmp/hark-edit-4pZ/manifests.yaml:12 (document 2)` */
const PLACE = /(manifests\.yaml:)(\d+)/

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
  const file = await EditedFile.create(FILE)
  const kept = `${file.path} has the manifests`
  let body = original
  let faults: readonly string[] = []
  for (;;) {
    const before = withoutComments(body)
    const edited = await file.edit(`${commented([...HEAD, ...faults])}${body}`)
    const after = withoutComments(edited)
    if (after === '' || after === withoutComments(original)) break
    if (after === before) throw new CliError([...faults, `nothing is applied: ${kept}`])
    body = `${after}\n`
    faults = belowHead(
      await applyText(client, file.path, body, options).catch(error => {
        throw error instanceof CliError ? new CliError([...error.lines, kept], error.status, error) : error
      }),
    )
    if (faults.length === 0) return file.remove()
  }
  await file.remove()
  note('Edit cancelled: no changes made.')
}

/** The file begins with the head and a line for each fault. */
const belowHead = (faults: readonly string[]): readonly string[] =>
  faults.map(fault =>
    fault.replace(PLACE, (_, file: string, line: string) => `${file}${Number(line) + HEAD.length + faults.length}`),
  )

const uidOf = ({ value }: SourceDocument): unknown =>
  ((value ?? {}) as { readonly metadata?: { readonly uid?: unknown } | null }).metadata?.uid

/** The editor may have removed labels and annotations. */
const complete = (document: SourceDocument): SourceDocument =>
  uidOf(document) === undefined ? document : { ...document, value: withTexts(document.value as object) }

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
  const documents = read.flatMap(each => ('document' in each ? [complete(each.document)] : []))
  const mode = { replace: replace === true, mustExist: true }
  const { results, failure } = await applyManifests(client, documents, namespace, mode)
  if (failure !== undefined) return failure.lines
  for (const { kind, name, action } of results)
    print(`${resourceName(kind, name)} ${action === 'Unchanged' ? 'unchanged' : 'edited'}`)
  return []
}
