import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CreateFlags, DataFlag, ListFlags } from './flags.ts'

const HELP = `
Roles: viewer reads; operator reads and changes; auditor reads, and sees actors and origins; admin may do everything.
A role applies to all namespaces, or to those listed: operator:west,east. A token may have several roles.

The data folder stores only the hashes of tokens, in tokens.json: a token is shown once, when it is created. As soon as
there is a token, every request needs one. A running engine picks up a change within a second.

Examples:
  hark token create alice --role operator
  hark token create ci --role operator:staging --expires 90d
  hark token list
  hark token revoke alice`

const MILLISECONDS_A_DAY = 86_400_000
const MILLISECONDS = { m: 60_000, h: 3_600_000, d: MILLISECONDS_A_DAY } as const

const lifetime = (text: string): number => {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('must be a duration such as 12h or 90d')
  return Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
}

const several = (text: string, others: readonly string[] = []): readonly string[] => [...others, text]

const tokens = () => import('./tokens.ts')

export const addToken = (program: Command): void => {
  const token = program
    .command('token')
    .summary('create, list and revoke tokens')
    .description('Creates, lists and revokes the tokens that grant access to the engine.')
    .addHelpText('after', HELP)
  const withData = (command: Command): Command => command.option('--data <folder>', 'the data folder (default: ./data)')
  withData(token.command('create'))
    .summary('create a token and print it')
    .description('Creates a token and prints it; it cannot be shown again.')
    .argument('<name>', 'the name of its user or program, which events record as the actor')
    .requiredOption('--role <role>', 'a role, such as operator or viewer:west; repeat for several', several)
    .option('--expires <time>', 'how long it is valid, such as 12h or 90d (default: without end)', lifetime)
    .action(async (name: string, flags: CreateFlags) => (await tokens()).create(name, flags))
  withData(token.command('list'))
    .summary('list the tokens')
    .description('Lists the tokens, including expired and revoked ones.')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['table', 'json', 'yaml']).default('table'),
    )
    .action(async (flags: ListFlags) => (await tokens()).list(flags))
  withData(token.command('revoke'))
    .summary('revoke a token')
    .description('Revokes a token, by its name, or by its id if the name has several.')
    .argument('<name>', 'the name or id')
    .action(async (which: string, flags: DataFlag) => (await tokens()).revoke(which, flags))
}
