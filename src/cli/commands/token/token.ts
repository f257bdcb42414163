import { type Command, InvalidArgumentError, Option } from 'commander'

export interface DataFlag {
  readonly data?: string
}

export interface CreateFlags extends DataFlag {
  readonly role: readonly string[]
  readonly expires?: number
}

export interface ListFlags extends DataFlag {
  readonly output: 'table' | 'json' | 'yaml'
}

const HELP = `
Roles: a viewer looks, an operator changes as well; an auditor looks, and sees who did what from where; an admin may all.
Each holds for all namespaces, or for those that are named: operator:west,east. A token may have several.

Tokens are kept in tokens.json in the data folder, as hashes: what a token is is shown once, when it is made. From the
first one on the engine asks everybody for a token. A running engine takes note within a second.

Examples:
  hark token create alice --role operator
  hark token create ci --role operator:staging --expires 90d
  hark token list
  hark token revoke alice`

const MILLISECONDS_A_DAY = 86_400_000
const MILLISECONDS = { m: 60_000, h: 3_600_000, d: MILLISECONDS_A_DAY } as const

const lifetime = (text: string): number => {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('It is to be a time such as 12h or 90d.')
  return Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
}

const several = (text: string, others: readonly string[] = []): readonly string[] => [...others, text]

const tokens = () => import('./tokens.ts')

export const addToken = (program: Command): void => {
  const token = program
    .command('token')
    .summary('make, list and revoke tokens')
    .description('Says who may ask the engine for what.')
    .addHelpText('after', HELP)
  const withData = (command: Command): Command =>
    command.option('--data <folder>', 'where Hark keeps its files (default: ./data)')
  withData(token.command('create'))
    .description('Makes a token and prints it, once and for all.')
    .argument('<name>', 'whose it is, as events will name who acted')
    .requiredOption('--role <role>', 'what it may do, such as operator or viewer:west; once for each', several)
    .option('--expires <time>', 'how long it holds, such as 12h or 90d (default: for ever)', lifetime)
    .action(async (name: string, flags: CreateFlags) => (await tokens()).create(name, flags))
  withData(token.command('list'))
    .description('Lists the tokens there are and were.')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['table', 'json', 'yaml']).default('table'),
    )
    .action(async (flags: ListFlags) => (await tokens()).list(flags))
  withData(token.command('revoke'))
    .description('Takes a token back: by its name, or its id where a name has several.')
    .argument('<name>', 'the name or id')
    .action(async (which: string, flags: DataFlag) => (await tokens()).revoke(which, flags))
}
