import type { Command } from 'commander'
import { clientOf } from '../../client/client.ts'
import { hadBegun, NOT_BEGUN } from '../../client/pagination.ts'
import { warnIfStale } from '../../client/readiness.ts'
import { CliError } from '../../errors.ts'
import { type AtOption, withAt } from '../../moment.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { note, print } from '../../output/print.ts'
import { aKind, KINDS } from '../../resources/kinds.ts'
import { assertSelectorAlone, type SelectorOption, withSelector } from '../../resources/labels.ts'
import { plural, type ResourceKind } from '../../resources/resource.ts'
import { noneFound, search } from '../../resources/search.ts'
import { type Selected, selectionOf } from '../../resources/selection.ts'
import { descriptionLines } from './description.ts'

const HELP = `
Examples:
  hark describe listener backend -n west
  hark describe listener backend -n west --at 2026-11-22T02:14:00Z
  hark describe listener/backend connector/backend -n east
  hark describe listeners -n west
  hark describe site west -n west      its router, and the sites that it reaches`

type Options = ServerOption & NamespaceOption & AtOption & SelectorOption

export const addDescribe = (program: Command): void => {
  const command = program
    .command('describe')
    .summary(`show the details of ${aKind(KINDS)}`)
    .description(
      `Shows the details of ${aKind(KINDS)}: conditions or router, what it matches or reaches, latest events.`,
    )
    .argument('<kind>', `all, or one or more of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .addHelpText('after', HELP)
    .action((kind: string, names: readonly string[], options: Options) =>
      describe(selectionOf([kind, ...names], KINDS), options),
    )
  withServer(withNamespace(withAt(withSelector(command), 'its state at that moment')))
}

const describe = async (
  selection: readonly Selected<ResourceKind>[],
  { namespace, at, selector, ...server }: Options,
): Promise<void> => {
  assertSelectorAlone(selection, { selector })
  const client = clientOf(server)
  const [found] = await Promise.all([
    Promise.all(selection.map(selected => search(client, selected, { namespace, at, labelSelector: selector }))),
    warnIfStale(client),
  ])
  const resources = found.flatMap(each => each.resources)
  if (resources.length === 0 && !(await hadBegun(client, at, namespace))) throw new CliError(NOT_BEGUN)
  for (const [index, resource] of resources.entries()) {
    if (index > 0) print('')
    for (const line of await descriptionLines(client, resource, at)) print(line)
  }
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0) throw new CliError(missing)
  if (resources.length === 0)
    note(
      noneFound(
        selection.map(({ kind }) => kind),
        { namespace },
      ),
    )
}
