import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type Grant, grantText, RESERVED_NAMES, ROLES, readGrant } from '../../auth/roles.ts'
import { changeTokens, newToken, readTokens, TOKEN_FILE, type TokenEntry } from '../../auth/token-file.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { formatDocument } from '../output/format.ts'
import { note, print } from '../output/print.ts'
import { type Column, Table } from '../output/table.ts'
import { settingsFrom } from '../serving/start.ts'

interface DataFlag {
  readonly data?: string
}

interface CreateFlags extends DataFlag {
  readonly role: readonly Grant[]
  readonly expires?: number
}

interface ListFlags extends DataFlag {
  readonly output: 'table' | 'json' | 'yaml'
}

const HELP = `
Roles: a viewer looks, an operator changes as well; an auditor looks, and sees who did what from where; an admin may all.
Each holds for all namespaces, or for those that are named: operator:west,east. A token may have several.

Tokens are kept in ${TOKEN_FILE} in the data folder, as hashes: what a token is is shown once, when it is made. From the
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

const role = (text: string, others: readonly Grant[] = []): readonly Grant[] => {
  const grant = readGrant(text)
  if (grant === undefined)
    throw new InvalidArgumentError(`It is to be one of ${ROLES.join(', ')}, as it is or with namespaces: viewer:west.`)
  return [...others, grant]
}

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
    .requiredOption('--role <role>', 'what it may do, such as operator or viewer:west; once for each', role)
    .option('--expires <time>', 'how long it holds, such as 12h or 90d (default: for ever)', lifetime)
    .action(create)
  withData(token.command('list'))
    .description('Lists the tokens there are and were.')
    .option('-o, --output <format>', 'how to print: table, json or yaml', 'table')
    .action(list)
  withData(token.command('revoke'))
    .description('Takes a token back: by its name, or its id where a name has several.')
    .argument('<name>', 'the name or id')
    .action(revoke)
}

const fileIn = async ({ data }: DataFlag): Promise<string> => {
  const settings = await settingsFrom({ ...(data && { data }) }, process.env)
  const { mkdir } = await import('node:fs/promises')
  await mkdir(settings.data, { recursive: true })
  return join(settings.data, TOKEN_FILE)
}

const failing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw error instanceof Failure ? error : new Failure((error as Error).message)
  }
}

const create = async (name: string, { role: grants, expires, ...flags }: CreateFlags): Promise<void> => {
  if (!/^[\w.@+-]{1,100}$/.test(name))
    throw wrongUsage('the name is to be 1 to 100 letters, digits and . @ + - _, such as alice or ci@example.org')
  if (RESERVED_NAMES.includes(name)) throw wrongUsage(`${name} is what Hark itself is called in events: choose another`)
  const file = await fileIn(flags)
  const expiresAt = expires === undefined ? undefined : new Date(Date.now() + expires).toISOString()
  const { token, entry } = newToken({ name, grants: [...grants], ...(expiresAt && { expiresAt }) })
  failing(() => changeTokens(file, tokens => [...tokens, entry]))
  note(`${name} may do what ${grants.map(grantText).join(' and ')} may. This is shown once; HARK_TOKEN takes it:`)
  print(token)
}

const stateOf = ({ revokedAt, expiresAt }: TokenEntry): string => {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'valid'
}

const COLUMNS: readonly Column<TokenEntry>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLES', value: ({ grants }) => grants.map(grantText).join(' ') },
  { title: 'STATE', value: stateOf },
  { title: 'CREATED', value: ({ createdAt }) => createdAt },
  { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'ID', value: ({ id }) => id },
]

const list = async ({ output, ...flags }: ListFlags): Promise<void> => {
  if (output !== 'table' && output !== 'json' && output !== 'yaml')
    throw wrongUsage(`${output} is no format: table, json or yaml`)
  const file = await fileIn(flags)
  const tokens = failing(() => readTokens(file)) ?? []
  if (output !== 'table') {
    const shown = tokens.map(({ hash: _, grants, ...token }) => ({
      ...token,
      roles: grants.map(grantText),
      state: stateOf({ hash: _, grants, ...token }),
    }))
    print(await formatDocument(shown, output))
  } else if (tokens.length === 0) note('There are no tokens: nobody is asked for one.')
  else for (const line of new Table(COLUMNS).lines(tokens)) print(line)
}

const revoke = async (which: string, flags: DataFlag): Promise<void> => {
  const file = await fileIn(flags)
  const revokedAt = new Date().toISOString()
  failing(() =>
    changeTokens(file, tokens => {
      const meant = tokens.filter(token => (token.id === which || token.name === which) && stateOf(token) === 'valid')
      if (meant.length === 0) throw new Failure(`there is no valid token of the name or id ${which}`)
      if (meant.length > 1) throw new Failure(`${which} has ${meant.length} valid tokens: say which by its id`)
      return tokens.map(token => (token === meant[0] ? { ...token, revokedAt } : token))
    }),
  )
  note(`The token of ${which} holds no more.`)
}
