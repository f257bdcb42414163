import { type Command, Option } from 'commander'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError, usageError } from '../../errors.ts'
import { changeLines } from '../../history/change-lines.ts'
import {
  type ListenerOption,
  type ListenerSubject,
  listenerSubject,
  withListener,
} from '../../history/listener-subject.ts'
import { type WindowOptions, withWindow } from '../../moment.ts'
import { type NamespaceOption, withNamespace } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { singular } from '../../resources/resource.ts'
import { assertFieldOf, type Predicate, predicate } from './predicate.ts'
import { type Found, findFirstChange } from './search.ts'

interface Options extends SourceOptions, NamespaceOption, WindowOptions, ListenerOption {
  readonly where: Predicate
  readonly output: 'text' | 'json' | 'yaml'
}

const HELP = `
A predicate that stays true for the life of a listener (generation>=N) is found by binary search; for any other, the changes
of the listener are checked one after the other.

Examples:
  hark bisect -n west --listener backend --where ready=False --from 2026-11-22T02:00:00Z
  hark bisect -n west --listener backend --where 'port!=8080'
  hark bisect -n west --listener backend --where 'generation>=3'
  hark bisect -n west --listener backend --where exists=false
  hark bisect multikeylistener backend -n west --where hasDestination=false`

export const addBisect = (program: Command): void => {
  const command = program
    .command('bisect')
    .summary('find the event after which a predicate holds')
    .description('Finds the first event after which a predicate holds for a listener, and shows its actor and changes.')
    .requiredOption('--where <predicate>', 'the predicate, such as ready=False', predicate)
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((kind: string | undefined, name: string | undefined, options: Options) => {
      const subject = listenerSubject([kind, name], options)
      if (subject === undefined) throw usageError('name a listener: listener NAME or multikeylistener NAME')
      assertFieldOf(subject.kind, options.where)
      return bisect(subject, options)
    })
  withListener(command, 'the listener')
  withSource(withNamespace(withWindow(command)))
}

const bisect = (subject: ListenerSubject, options: Options): Promise<void> =>
  withClient(options, async client => {
    const { namespace, where, from, to, output } = options
    const progress = new Progress('looking')
    const search = { namespace, subject, predicate: where, ...(from && { from }), ...(to && { to }) }
    const found = await findFirstChange(client, search, checks => progress.count(checks, 'changes')).finally(() =>
      progress.end(),
    )
    if (found.found !== 'change') throw new CliError(reason(found, subject, options))
    if (output !== 'text') print(await formatDocument(found.change, output))
    else {
      note(`${where.text} holds since this event (states checked: ${found.checks}):`)
      for (const line of changeLines(found.change)) print(line)
    }
  })

const reason = (
  { found }: Exclude<Found, { found: 'change' }>,
  { kind, name }: ListenerSubject,
  { where, namespace }: Options,
): string => {
  const text = `${where.text} of ${singular(kind)} ${name} in namespace ${namespace}`
  return found === 'before'
    ? `${text} held already when the window began: use an earlier --from`
    : `${text} did not hold in the window`
}
