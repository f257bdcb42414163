import { type Command, InvalidArgumentError } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { CliError, usageError } from '../errors.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer, withTimeout } from '../options.ts'
import { note, print } from '../output/print.ts'
import { isConditioned, KINDS } from '../resources/kinds.ts'
import { plural, resourceName, singular } from '../resources/resource.ts'
import { assertSelects, withSelectors } from '../resources/selectors.ts'
import type { Awaited, Expectation } from '../resources/wait.ts'
import { findWanted, nothingFound, type Wanted, type WantedOptions, wantedBy } from '../resources/wanted.ts'

type Goal =
  | { readonly goal: 'delete' | 'create' }
  | { readonly goal: 'condition'; readonly type: string; readonly status: string }
  | { readonly goal: 'jsonpath'; readonly path: string; readonly value: string | undefined }

interface Options extends ServerOption, NamespaceOption, WantedOptions {
  readonly for: Goal
  readonly timeout: number
}

const HELP = `
It follows a subscription. Exit status 4: not in time.

Examples:
  hark wait listener/backend -n west --for=condition=Ready
  hark wait listeners -n west --for=condition=Configured --timeout 2m
  hark wait listener backend --for=condition=Ready=false
  hark wait listeners -n west -l app=backend --for=condition=Ready
  hark wait listeners -A --for=condition=Ready
  hark wait -f west/ -n west --for=create
  hark wait listener/backend --for=delete
  hark wait listener/backend --for=jsonpath={.spec.port}=9090
  hark wait site/west --for=jsonpath={.status.router.connection}=Connected`

const goalOf = (text: string): Goal => {
  if (text === 'delete' || text === 'create') return { goal: text }
  const [, type, status = 'True'] = /^condition=([^=]+)(?:=(.+))?$/.exec(text) ?? []
  if (type !== undefined) return { goal: 'condition', type, status }
  const [, path, value] =
    /^jsonpath=(\{.*?\}|[^=]+)(?:=(.*))?$/s.exec(text.replace(/^(jsonpath=)'(.*)'$/s, '$1$2')) ?? []
  if (path !== undefined) return { goal: 'jsonpath', path, value }
  throw new InvalidArgumentError('must be condition=TYPE[=STATUS], delete, create or jsonpath={PATH}[=VALUE]')
}

export const addWait = (program: Command): void => {
  const command = program
    .command('wait')
    .summary('wait for a condition, a value or a deletion')
    .description('Waits until resources have a condition or a value, or are deleted.')
    .argument('[kind]', `one of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .option('-f, --filename <path...>', 'the resources of manifests: files, folders, or - for standard input')
    .option('--all', 'all resources of the kind, as without names')
    .option('-A, --all-namespaces', 'in all namespaces')
    .requiredOption('--for <what>', 'condition=TYPE[=STATUS], delete, create or jsonpath={PATH}[=VALUE]', goalOf)
    .addHelpText('after', HELP)
    .action(async (kind: string | undefined, names: readonly string[], options: Options) => {
      assertSelects(options)
      await wait(await wantedBy([kind, ...names], options), options)
    })
  withServer(withNamespace(withTimeout(withSelectors(command))))
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const expectationOf = async (goal: Goal): Promise<Expectation> => {
  switch (goal.goal) {
    case 'delete':
      return (await import('../resources/wait.ts')).DELETED
    case 'create':
      return { text: 'created', isMet: resource => resource !== undefined }
    case 'condition': {
      const { type, status } = goal
      const isMet: Expectation['isMet'] = resource =>
        (resource !== undefined && 'status' in resource ? conditionsOf(resource.status) : []).some(
          condition => isSame(condition.type, type) && isSame(condition.status, status),
        )
      return { text: isSame(status, 'True') ? type : `${type}=${status}`, isMet }
    }
    case 'jsonpath': {
      const { hasValue } = await import('../output/templates.ts')
      const { toManifest } = await import('../resources/resource.ts')
      const found = hasValue('--for=jsonpath', goal.path, goal.value)
      return {
        text: `${goal.path}${goal.value === undefined ? '' : `=${goal.value}`}`,
        isMet: (resource, kind) => resource !== undefined && found(toManifest(kind, resource)),
      }
    }
  }
}

const conditionsOf = (status: unknown) =>
  (status as { readonly conditions: readonly { readonly type: string; readonly status: string }[] }).conditions

const wait = async (wanted: readonly Wanted[], options: Options): Promise<void> => {
  const { timeout, for: goal } = options
  const client = clientOf(options)
  const conditioned = goal.goal === 'condition' ? withConditions(wanted, options) : wanted
  const expectation = await expectationOf(goal)
  const targets = await targetsOf(client, conditioned, options)
  const { waitFor } = await import('../resources/wait.ts')
  await waitFor(client, targets, expectation, timeout)
  const met = goal.goal === 'delete' ? 'deleted' : goal.goal === 'create' ? 'created' : 'condition met'
  for (const { kind, name } of targets) print(`${resourceName(kind.kind, name)} ${met}`)
}

/** `all` and manifests may have sites beside other resources. */
const withConditions = (wanted: readonly Wanted[], { filename }: Options): readonly Wanted[] => {
  const without = wanted.filter(({ kind }) => !isConditioned(kind))
  const [first] = without
  if (first === undefined) return wanted
  const isNamed = filename === undefined && without.some(({ names }) => names.length > 0)
  if (isNamed || without.length === wanted.length)
    throw usageError(`${plural(first.kind)} have no conditions: use --for=jsonpath={PATH}=VALUE`)
  note(`${plural(first.kind)} have no conditions: not waiting for them`)
  return wanted.filter(({ kind }) => isConditioned(kind))
}

/** Named resources must exist, unless the wait is for their deletion or creation. */
const targetsOf = async (client: Client, wanted: readonly Wanted[], options: Options): Promise<readonly Awaited[]> => {
  const { goal } = options.for
  const mayBeMissing = goal === 'delete' || goal === 'create'
  const found = await findWanted(client, wanted, options)
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0 && !mayBeMissing) throw new CliError(missing)
  const targets = found.flatMap(({ kind, names, namespace, resources }): Awaited[] =>
    namespace !== undefined && names.length > 0
      ? names.map(name => ({ kind, namespace, name }))
      : resources.map(({ metadata }) => ({ kind, namespace: metadata.namespace, name: metadata.name })),
  )
  if (targets.length === 0 && goal === 'create') {
    const [{ kind } = { kind: undefined }] = wanted
    throw usageError(`the name of a ${kind === undefined ? 'resource' : singular(kind)} is missing`)
  }
  if (targets.length === 0 && goal !== 'delete') throw new CliError(nothingFound(wanted))
  return targets
}
