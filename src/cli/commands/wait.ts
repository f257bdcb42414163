import { type Command, InvalidArgumentError } from 'commander'
import { type Client, clientOf } from '../client/client.ts'
import { CliError, usageError } from '../errors.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer, withTimeout } from '../options.ts'
import { print } from '../output/print.ts'
import { isConditioned, KINDS } from '../resources/kinds.ts'
import { assertSelectorAlone, type SelectorOption, withSelector } from '../resources/labels.ts'
import { plural, type ResourceKind, resourceName, singular } from '../resources/resource.ts'
import { noneFound, search } from '../resources/search.ts'
import { type Selected, selectionOf } from '../resources/selection.ts'
import type { Expectation } from '../resources/wait.ts'

type Goal =
  | { readonly goal: 'delete' | 'create' }
  | { readonly goal: 'condition'; readonly type: string; readonly status: string }
  | { readonly goal: 'jsonpath'; readonly path: string; readonly value: string | undefined }

interface Options extends ServerOption, NamespaceOption, SelectorOption {
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
    .argument('<kind>', `one of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .requiredOption('--for <what>', 'condition=TYPE[=STATUS], delete, create or jsonpath={PATH}[=VALUE]', goalOf)
    .addHelpText('after', HELP)
    .action((kind: string, names: readonly string[], options: Options) =>
      wait(selectionOf([kind, ...names], KINDS), options),
    )
  withServer(withNamespace(withTimeout(withSelector(command))))
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

const wait = async (selection: readonly Selected<ResourceKind>[], options: Options): Promise<void> => {
  const { namespace, timeout, for: goal } = options
  const without = selection.find(({ kind }) => !isConditioned(kind))
  if (goal.goal === 'condition' && without !== undefined)
    throw usageError(`${plural(without.kind)} have no conditions: use --for=jsonpath={PATH}=VALUE`)
  assertSelectorAlone(selection, options)
  const client = clientOf(options)
  const expectation = await expectationOf(goal)
  const targets = await targetsOf(client, selection, options)
  const { waitFor } = await import('../resources/wait.ts')
  await waitFor(
    client,
    targets.map(target => ({ ...target, namespace })),
    expectation,
    timeout,
  )
  const met = goal.goal === 'delete' ? 'deleted' : goal.goal === 'create' ? 'created' : 'condition met'
  for (const { kind, name } of targets) print(`${resourceName(kind.kind, name)} ${met}`)
}

/** Named resources must exist, unless the wait is for their deletion or creation. */
const targetsOf = async (
  client: Client,
  selection: readonly Selected<ResourceKind>[],
  { namespace, selector, for: { goal } }: Options,
): Promise<readonly { readonly kind: ResourceKind; readonly name: string }[]> => {
  const mayBeMissing = goal === 'delete' || goal === 'create'
  const found = await Promise.all(
    selection.map(async selected => ({
      ...selected,
      ...(await search(client, selected, { namespace, labelSelector: selector })),
    })),
  )
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0 && !mayBeMissing) throw new CliError(missing)
  const targets = found.flatMap(({ kind, names, resources }) =>
    (names.length > 0 ? names : resources.map(({ metadata }) => metadata.name)).map(name => ({ kind, name })),
  )
  if (targets.length === 0 && goal === 'create') {
    const [{ kind } = { kind: undefined }] = selection
    throw usageError(`the name of a ${kind === undefined ? 'resource' : singular(kind)} is missing`)
  }
  if (targets.length === 0 && goal !== 'delete')
    throw new CliError(
      noneFound(
        selection.map(({ kind }) => kind),
        { namespace },
      ),
    )
  return targets
}
