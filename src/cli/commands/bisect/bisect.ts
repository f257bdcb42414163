import { type Command, Option } from 'commander'
import { type SourceOptions, withClient, withSource } from '../../client/with-client.ts'
import { CliError } from '../../errors.ts'
import { changeLines } from '../../history/change-lines.ts'
import { type NamespaceOption, type WindowOptions, withNamespace, withWindow } from '../../options.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { type Predicate, predicate } from './predicate.ts'
import { type Found, firstChange } from './search.ts'

interface Options extends SourceOptions, NamespaceOption, WindowOptions {
  readonly listener: string
  readonly where: Predicate
  readonly output: 'text' | 'json' | 'yaml'
}

const HELP = `
What grows for as long as a listener lives (generation>=N) is found in a few steps by halving; for anything else, which
may have held and ceased to hold, the changes of the listener are looked at one after the other.

Examples:
  hark bisect -n west --listener backend --where ready=False --from 2026-11-22T02:00:00Z
  hark bisect -n west --listener backend --where 'port!=8080'
  hark bisect -n west --listener backend --where 'generation>=3'
  hark bisect -n west --listener backend --where exists=false`

export const addBisect = (program: Command): void => {
  const command = program
    .command('bisect')
    .summary('find the event that made something so')
    .description('Finds the first event after which something holds of a listener, and shows who did what.')
    .requiredOption('--listener <name>', 'the listener')
    .requiredOption('--where <predicate>', 'what is to hold, such as ready=False', predicate)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'yaml']).default('text'))
    .addHelpText('after', HELP)
    .action(bisect)
  withSource(withNamespace(withWindow(command)))
}

const bisect = (options: Options): Promise<void> =>
  withClient(options, async client => {
    const { namespace, listener, where, from, to, output } = options
    const progress = new Progress('looking')
    const search = { namespace, listener, predicate: where, from, to }
    const found = await firstChange(client, search, looks => progress.count(looks, 'changes')).finally(() =>
      progress.end(),
    )
    if (found.found !== 'change') throw new CliError(reason(found, options))
    if (output !== 'text') print(await formatDocument(found.change, output))
    else {
      note(`${where.text} holds since this event (looks: ${found.looks}):`)
      for (const line of changeLines(found.change)) print(line)
    }
  })

const reason = ({ found }: Exclude<Found, { found: 'change' }>, { where, listener, namespace }: Options): string => {
  const subject = `${where.text} of listener ${listener} in namespace ${namespace}`
  return found === 'before'
    ? `${subject} held already when the window began: look for it from an earlier moment on, with --from`
    : `${subject} did not come to hold in the window`
}
