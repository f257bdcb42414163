import { type Command, Option } from 'commander'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError } from '../../errors.ts'
import { changeLines } from '../../history/change-lines.ts'
import { type NamespaceOption, type WindowOptions, withNamespace, withWindow } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { type Predicate, predicate } from './predicate.ts'
import { type Found, findFirstChange } from './search.ts'

interface Options extends SourceOptions, NamespaceOption, WindowOptions {
  readonly listener: string
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
  hark bisect -n west --listener backend --where exists=false`

export const addBisect = (program: Command): void => {
  const command = program
    .command('bisect')
    .summary('find the event after which a predicate holds')
    .description('Finds the first event after which a predicate holds for a listener, and shows its actor and changes.')
    .requiredOption('--listener <name>', 'the listener')
    .requiredOption('--where <predicate>', 'the predicate, such as ready=False', predicate)
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['text', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', HELP)
    .action(bisect)
  withSource(withNamespace(withWindow(command)))
}

const bisect = (options: Options): Promise<void> =>
  withClient(options, async client => {
    const { namespace, listener, where, from, to, output } = options
    const progress = new Progress('looking')
    const search = { namespace, listener, predicate: where, from, to }
    const found = await findFirstChange(client, search, looks => progress.count(looks, 'changes')).finally(() =>
      progress.end(),
    )
    if (found.found !== 'change') throw new CliError(reason(found, options))
    if (output !== 'text') print(await formatDocument(found.change, output))
    else {
      note(`${where.text} holds since this event (states checked: ${found.looks}):`)
      for (const line of changeLines(found.change)) print(line)
    }
  })

const reason = ({ found }: Exclude<Found, { found: 'change' }>, { where, listener, namespace }: Options): string => {
  const subject = `${where.text} of listener ${listener} in namespace ${namespace}`
  return found === 'before'
    ? `${subject} held already when the window began: use an earlier --from`
    : `${subject} did not hold in the window`
}
