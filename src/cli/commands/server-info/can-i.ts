import { type Command, InvalidArgumentError } from 'commander'
import { clientOf } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import { ViewerDocument, type ViewerQuery } from '../../client/generated.ts'
import { CliError, EXIT } from '../../errors.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import { selectionOf } from '../../resources/selection.ts'

type Permission = ViewerQuery['viewer']['permissions'][number]['permission']

const VERBS: Readonly<Record<string, readonly Permission[]>> = {
  get: ['read'],
  list: ['read'],
  watch: ['read'],
  create: ['change'],
  update: ['change'],
  apply: ['change'],
  delete: ['change'],
  audit: ['audit'],
  '*': ['read', 'change', 'audit'],
}

interface Options extends ServerOption, NamespaceOption {
  readonly allNamespaces?: true
}

const HELP = `
Prints yes or no. Exit status: 0 yes, 1 no.

Examples:
  hark can-i update listeners -n west
  hark can-i audit -A`

const neededFor = (verb: string): readonly Permission[] => {
  if (Object.hasOwn(VERBS, verb)) return VERBS[verb] as readonly Permission[]
  throw new InvalidArgumentError(`must be one of ${Object.keys(VERBS).join(', ')}`)
}

export const addCanI = (program: Command): void => {
  const command = program
    .command('can-i')
    .summary('check whether you may do something')
    .description('Checks whether your roles allow something in a namespace.')
    .argument('<verb>', Object.keys(VERBS).join(', '), neededFor)
    .argument('[kind]', 'a kind, or KIND/NAME; permissions are the same for all kinds')
    .option('-A, --all-namespaces', 'in all namespaces')
    .addHelpText('after', HELP)
    .action(canI)
  withServer(withNamespace(command))
}

const canI = async (
  needed: readonly Permission[],
  kind: string | undefined,
  { allNamespaces, namespace, ...options }: Options,
): Promise<void> => {
  if (kind !== undefined) selectionOf([kind], KINDS)
  const given = await permissionsOf(options)
  const isAllowed = needed.every(permission =>
    given.some(
      each =>
        each.permission === permission &&
        (each.namespaces === null || (!allNamespaces && each.namespaces.includes(namespace))),
    ),
  )
  print(isAllowed ? 'yes' : 'no')
  if (!isAllowed) throw new CliError([], EXIT.failed)
}

const permissionsOf = async (options: ServerOption): Promise<ViewerQuery['viewer']['permissions']> => {
  try {
    return (await clientOf(options).request(ViewerDocument, {})).viewer.permissions
  } catch (error) {
    if (error instanceof ServerError && error.isForbidden) return []
    throw error
  }
}
