import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isReserved } from '../../../auth/actor-name.ts'
import { type Grant, grantText, ROLES, readGrant } from '../../../auth/roles.ts'
import { changeTokens, newToken, readTokens, TOKEN_FILE, type TokenEntry } from '../../../auth/token-file.ts'
import { CliError, usageError } from '../../errors.ts'
import { io } from '../../io.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { type Column, Table } from '../../output/table.ts'
import { settingsFrom } from '../../runtime/start.ts'
import type { CreateFlags, DataFlag, ListFlags } from './flags.ts'

const tokenFileIn = async ({ data }: DataFlag): Promise<string> => {
  const settings = await settingsFrom({ ...(data && { data }) }, io().env)
  return join(settings.data, TOKEN_FILE)
}

const failing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw error instanceof CliError ? error : new CliError((error as Error).message, undefined, error)
  }
}

const parseGrants = (texts: readonly string[]): Grant[] =>
  texts.map(text => {
    const grant = readGrant(text)
    if (grant !== undefined) return grant
    throw usageError(
      `--role: ${JSON.stringify(text)} must be one of ${ROLES.join(', ')}, alone or with namespaces (viewer:west)`,
    )
  })

export const create = async (name: string, { role, expires, ...flags }: CreateFlags): Promise<void> => {
  const grants = parseGrants(role)
  if (!/^[\w.@+-]{1,100}$/.test(name))
    throw usageError('the name must be 1 to 100 letters, digits and . @ + - _, such as alice or ci@example.org')
  if (isReserved(name)) throw usageError(`${name} is reserved, or looks like a reserved name: choose another`)
  const file = await tokenFileIn(flags)
  const expiresAt = expires === undefined ? undefined : new Date(Date.now() + expires).toISOString()
  const { token, entry } = newToken({ name, grants, ...(expiresAt && { expiresAt }) })
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  failing(() => changeTokens(file, tokens => [...tokens, entry]))
  note(
    `Created token for ${name} (${grants.map(grantText).join(' and ')}). It is shown only once; set it as HARK_TOKEN:`,
  )
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

export const list = async ({ output, ...flags }: ListFlags): Promise<void> => {
  const file = await tokenFileIn(flags)
  const tokens = failing(() => readTokens(file)) ?? []
  if (output !== 'table') {
    const shown = tokens.map(({ hash: _, grants, ...token }) => ({
      ...token,
      roles: grants.map(grantText),
      state: stateOf({ hash: _, grants, ...token }),
    }))
    print(await formatDocument(shown, output))
  } else if (tokens.length === 0) note('There are no tokens: authentication is off.')
  else for (const line of new Table(COLUMNS).lines(tokens)) print(line)
}

export const revoke = async (which: string, flags: DataFlag): Promise<void> => {
  const file = await tokenFileIn(flags)
  const revokedAt = new Date().toISOString()
  const missing = () => new CliError(`there is no valid token with the name or id ${which}`)
  if (failing(() => readTokens(file)) === undefined) throw missing()
  failing(() =>
    changeTokens(file, tokens => {
      const meant = tokens.filter(token => (token.id === which || token.name === which) && stateOf(token) === 'valid')
      if (meant.length === 0) throw missing()
      if (meant.length > 1) throw new CliError(`${which} has ${meant.length} valid tokens: pass the id of one`)
      return tokens.map(token => (token === meant[0] ? { ...token, revokedAt } : token))
    }),
  )
  note(`Revoked the token of ${which}.`)
}
