import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { formatIssue, toIssues } from '../../schemas/validation.ts'
import { writeFileAtomic } from '../lib/files/write-file-atomic.ts'
import { decodeUtf8, NotUtf8 } from '../lib/utf8.ts'
import { grantText, readGrant } from './roles.ts'

export const TOKEN_FILE = 'tokens.json'
const PREFIX = 'hark_'
const SECRET_BYTES = 32

const grant = z.string().transform((text, context) => {
  const read = readGrant(text)
  if (read !== undefined) return read
  context.addIssue(`${JSON.stringify(text)} must be a role`)
  return z.NEVER
})

const entry = z.strictObject({
  id: z.uuid(),
  name: z.string().min(1),
  /** SHA-256: a token has 256 random bits, so it cannot be guessed from its hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  grants: z.array(grant).min(1),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
})
const contents = z.strictObject({ tokens: z.array(entry) })

export type TokenEntry = z.output<typeof entry>

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

export const newToken = (
  about: Pick<TokenEntry, 'name' | 'grants' | 'expiresAt'>,
): { readonly token: string; readonly entry: TokenEntry } => {
  const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { token, entry: { id: randomUUID(), hash: tokenHash(token), createdAt: new Date().toISOString(), ...about } }
}

/** Includes revoked tokens. */
export const readTokens = (file: string): readonly TokenEntry[] | undefined => {
  let text: string
  try {
    text = decodeUtf8(readFileSync(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof NotUtf8) throw new Error(`${file} ${error.message}`)
    throw error
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause })
  }
  const { success, data, error } = contents.safeParse(json)
  if (!success) throw new Error(`${file} must contain tokens: ${formatIssue(toIssues(error)[0] as never)}`)
  return data.tokens
}

const LOCK_TIMEOUT_MS = 10_000

const BUSY = 5

const take = (lock: DatabaseSync, timeoutMs: number): void => {
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string }
    if (errcode === BUSY)
      throw new Error(`another process has been changing the tokens for ${timeoutMs / 1000} s: try again`)
    throw new Error(`the tokens cannot be locked: ${message}`, { cause: error })
  }
}

/** The lock ends with the process that holds it. */
const withLock = (file: string, timeoutMs: number, work: () => void): void => {
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file, { timeout: timeoutMs })
  try {
    take(lock, timeoutMs)
    work()
  } finally {
    lock.close()
  }
}

export const changeTokens = (
  file: string,
  change: (tokens: readonly TokenEntry[]) => readonly TokenEntry[],
  timeoutMs: number = LOCK_TIMEOUT_MS,
): void => {
  withLock(`${file}.lock`, timeoutMs, () => {
    const tokens = change(readTokens(file) ?? []).map(token => ({ ...token, grants: token.grants.map(grantText) }))
    writeFileAtomic(file, `${JSON.stringify({ tokens }, null, 2)}\n`)
  })
}
