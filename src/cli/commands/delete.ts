import type { Command } from 'commander'
import { Client } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { CliError, usageError } from '../errors.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../options.ts'
import { print } from '../output/print.ts'
import { aKind, CONDITIONED_KINDS } from '../resources/kinds.ts'
import { type ConditionedKind, plural, resourceName, singular } from '../resources/resource.ts'
import { selectionOf } from '../resources/selection.ts'

interface Options extends ServerOption, NamespaceOption {
  readonly ignoreNotFound?: true
}

const HELP = `
The history is kept.

Examples:
  hark delete listener backend -n west
  hark delete listener/backend connector/backend -n east --ignore-not-found`

export const addDelete = (program: Command): void => {
  const command = program
    .command('delete')
    .summary(`delete ${aKind(CONDITIONED_KINDS)}`)
    .description(`Deletes ${aKind(CONDITIONED_KINDS)}, or several.`)
    .argument('<kind>', `one of ${CONDITIONED_KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME')
    .option('--ignore-not-found', 'succeed if a resource does not exist')
    .addHelpText('after', HELP)
    .action((kind: string, names: readonly string[], options: Options) =>
      deleteResources(namedResources([kind, ...names]), options),
    )
  withServer(withNamespace(command))
}

interface Target {
  readonly kind: ConditionedKind
  readonly name: string
  readonly namespace?: string
}

const namedResources = (words: readonly string[]): readonly Target[] =>
  selectionOf(words, CONDITIONED_KINDS).flatMap(({ kind, names }) => {
    if (names.length === 0) throw usageError(`the name of a ${singular(kind)} is missing`)
    return names.map(name => ({ kind, name }))
  })

const isNotFound = (error: unknown): boolean =>
  error instanceof ServerError && error.errors.every(({ extensions }) => extensions?.code === 'NOT_FOUND')

const deleteResources = async (targets: readonly Target[], options: Options): Promise<void> => {
  const client = new Client(options.server)
  const failures: string[] = []
  for (const { kind, name, namespace = options.namespace } of targets) {
    try {
      await client.request(kind.deletion, { input: { namespace, name } })
      print(`${resourceName(kind.kind, name)} deleted`)
    } catch (error) {
      if (!(error instanceof ServerError)) throw error
      if (!(options.ignoreNotFound && isNotFound(error))) failures.push(...error.lines)
    }
  }
  if (failures.length > 0) throw new CliError(failures)
}
