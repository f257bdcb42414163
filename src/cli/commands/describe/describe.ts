import { type Command, Option } from 'commander'
import { clientOf } from '../../client/client.ts'
import { hadBegun, NOT_BEGUN } from '../../client/pagination.ts'
import { warnIfStale } from '../../client/readiness.ts'
import { CliError } from '../../errors.ts'
import { type AtOption, withAt } from '../../moment.ts'
import { type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { note, print } from '../../output/print.ts'
import { aKind, KINDS } from '../../resources/kinds.ts'
import { plural } from '../../resources/resource.ts'
import { withSelectors } from '../../resources/selectors.ts'
import { findWanted, nothingFound, type Wanted, type WantedOptions, wantedBy } from '../../resources/wanted.ts'
import { descriptionLines } from './description.ts'

const HELP = `
Examples:
  hark describe listener backend -n west
  hark describe listener backend -n west --at 2026-11-22T02:14:00Z
  hark describe listener/backend connector/backend -n east
  hark describe listeners -n west
  hark describe all -A --show-events=false
  hark describe -f west/ -n west
  hark describe site west -n west      its router, and the sites that it reaches`

interface Options extends ServerOption, NamespaceOption, AtOption, WantedOptions {
  readonly showEvents: 'true' | 'false'
}

export const addDescribe = (program: Command): void => {
  const command = program
    .command('describe')
    .summary(`show the details of ${aKind(KINDS)}`)
    .description(
      `Shows the details of ${aKind(KINDS)}: conditions or router, what it matches or reaches, latest events.`,
    )
    .argument('[kind]', `all, or one or more of ${KINDS.map(plural).join(', ')}, or KIND/NAME`)
    .argument('[name...]', 'names of the kind, or more KIND/NAME (default: all)')
    .option('-f, --filename <path...>', 'the resources of manifests: files, folders, or - for standard input')
    .option('-A, --all-namespaces', 'in all namespaces')
    .addOption(
      new Option('--show-events <shown>', 'whether to show the latest events')
        .choices(['true', 'false'])
        .default('true'),
    )
    .addHelpText('after', HELP)
    .action(async (kind: string | undefined, names: readonly string[], options: Options) =>
      describe(await wantedBy([kind, ...names], options), options),
    )
  withServer(withNamespace(withAt(withSelectors(command), 'its state at that moment')))
}

const describe = async (wanted: readonly Wanted[], options: Options): Promise<void> => {
  const { at, showEvents } = options
  const client = clientOf(options)
  const [found] = await Promise.all([findWanted(client, wanted, options), warnIfStale(client)])
  const resources = found.flatMap(each => each.resources)
  if (resources.length === 0 && !(await hadBegun(client, at, wanted[0]?.namespace))) throw new CliError(NOT_BEGUN)
  for (const [index, resource] of resources.entries()) {
    if (index > 0) print('')
    const lines = await descriptionLines(client, resource, { at, showsEvents: showEvents === 'true' })
    for (const line of lines) print(line)
  }
  const missing = found.flatMap(each => each.missing)
  if (missing.length > 0) throw new CliError(missing)
  if (resources.length === 0) note(nothingFound(wanted))
}
