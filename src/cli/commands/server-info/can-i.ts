import { type Command, InvalidArgumentError } from 'commander'
import { clientOf } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import { ViewerDocument, type ViewerQuery } from '../../client/generated.ts'
import { CliError, EXIT, usageError } from '../../errors.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { print } from '../../output/print.ts'
import { type Column, Table } from '../../output/table.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural } from '../../resources/resource.ts'
import { selectionOf } from '../../resources/selection.ts'

type Permission = ViewerQuery['viewer']['permissions'][number]['permission']

const VERBS: Readonly<Record<string, readonly Permission[]>> = {
  get: ['read'],
  list: ['read'],
  watch: ['read'],
  create: ['change'],
  update: ['change'],
  patch: ['change'],
  apply: ['change'],
  delete: ['change'],
  audit: ['audit'],
  '*': ['read', 'change', 'audit'],
}

const LISTED = Object.keys(VERBS).filter(verb => verb !== '*')

interface Options extends ServerOption, NamespaceOption {
  readonly allNamespaces?: true
  readonly list?: true
  readonly quiet?: true
  readonly headers: boolean
}

const HELP = `
Prints yes or no. Exit status: 0 yes, 1 no.
`

const neededFor = (verb: string): readonly Permission[] => {
  if (Object.hasOwn(VERBS, verb)) return VERBS[verb] as readonly Permission[]
  throw new InvalidArgumentError(`must be one of ${Object.keys(VERBS).join(', ')}`)
}

/** Makes `can-i` or `auth can-i` of a command. */
export const addCanI = (parent: Command): void => {
  const command = parent
    .command('can-i')
    .summary('check whether you may do something')
    .description('Checks whether your roles allow something in a namespace.')
    .argument('[verb]', Object.keys(VERBS).join(', '), neededFor)
    .argument('[kind]', 'a kind, or KIND/NAME; permissions are the same for all kinds')
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('--list', 'print what you may do, instead of a verb')
    .option('-q, --quiet', 'print nothing: only the exit status answers')
    .option('--no-headers', 'print the list without titles')
    .action(canI)
  const prefix = parent.name() === 'auth' ? 'hark auth can-i' : 'hark can-i'
  command.addHelpText(
    'after',
    HELP + examplesText([`${prefix} update listeners -n west`, `${prefix} audit -A`, `${prefix} --list -n west`]),
  )
  withServer(withNamespace(command))
}

const canI = async (
  needed: readonly Permission[] | undefined,
  kind: string | undefined,
  options: Options,
): Promise<void> => {
  if ((needed === undefined) !== (options.list === true)) throw usageError('name a verb, or use --list')
  if (kind !== undefined) selectionOf([kind], KINDS)
  const given = await permissionsOf(options)
  const { allNamespaces, namespace } = options
  const isGiven = (permission: Permission): boolean =>
    given.some(
      each =>
        each.permission === permission &&
        (each.namespaces === null || (!allNamespaces && each.namespaces.includes(namespace))),
    )
  if (needed === undefined) {
    printAllowed(
      LISTED.filter(verb => (VERBS[verb] as readonly Permission[]).every(isGiven)),
      options,
    )
    return
  }
  const isAllowed = needed.every(isGiven)
  if (!options.quiet) print(isAllowed ? 'yes' : 'no')
  if (!isAllowed) throw new CliError([], EXIT.failed)
}

const printAllowed = (verbs: readonly string[], { headers }: Options): void => {
  const columns: readonly Column<string>[] = [
    { title: 'RESOURCES', value: () => KINDS.map(plural).join(',') },
    { title: 'VERBS', value: text => text },
  ]
  const rows = verbs.length === 0 ? [] : [verbs.join(',')]
  for (const line of new Table(columns, { titles: headers }).lines(rows)) print(line)
}

const permissionsOf = async (options: ServerOption): Promise<ViewerQuery['viewer']['permissions']> => {
  try {
    return (await clientOf(options).request(ViewerDocument, {})).viewer.permissions
  } catch (error) {
    if (error instanceof ServerError && error.isForbidden) return []
    throw error
  }
}
