import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { formatIssue, toIssues } from '../../schemas/validation.ts'
import { decodeUtf8, NotUtf8 } from '../lib/utf8.ts'
import { writeFileAtomic } from '../lib/write-file-atomic.ts'
import { grantText, readGrant } from './roles.ts'

export const TOKEN_FILE = 'tokens.json'
const PREFIX = 'hark_'
const SECRET_BYTES = 32

const grant = z.string().transform((text, context) => {
  const read = readGrant(text)
  if (read !== undefined) return read
  context.addIssue(`${JSON.stringify(text)} is no role`)
  return z.NEVER
})

const entry = z.strictObject({
  id: z.uuid(),
  /** Whose it is: the actor of what is done with it. */
  name: z.string().min(1),
  /** SHA-256 of the token: with 256 random bits in it, there is nothing to be guessed from that. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  grants: z.array(grant).min(1),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
})
const contents = z.strictObject({ tokens: z.array(entry) })

export type TokenEntry = z.output<typeof entry>

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')

/** A token, to be shown once, and what is kept of it. */
export const newToken = (
  about: Pick<TokenEntry, 'name' | 'grants' | 'expiresAt'>,
): { readonly token: string; readonly entry: TokenEntry } => {
  const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { token, entry: { id: randomUUID(), hash: tokenHash(token), createdAt: new Date().toISOString(), ...about } }
}

/**
 * Every token that was ever made; undefined where there is no such file.
 *
 * @throws Error where the file cannot be read, or is none of Hark's
 */
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
  if (!success) throw new Error(`${file} holds no tokens: ${formatIssue(toIssues(error)[0] as never)}`)
  return data.tokens
}

/** So long a process waits for others that change the tokens. */
const PATIENCE_MS = 10_000

const BUSY = 5

const take = (lock: DatabaseSync, patienceMs: number): void => {
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode !== BUSY) throw error
    throw new Error(`another process has been changing the tokens for ${patienceMs / 1000} s: try again`)
  }
}

/**
 * Works while no other process does. The lock is SQLite's on an empty database: it ends with the process that holds it,
 * however that ends, and the file that it is on may stay.
 *
 * @throws Error where others do not come to an end
 */
const alone = (file: string, patienceMs: number, work: () => void): void => {
  closeSync(openSync(file, 'a', 0o600))
  const lock = new DatabaseSync(file, { timeout: patienceMs })
  try {
    take(lock, patienceMs)
    work()
  } finally {
    lock.close()
  }
}

/**
 * Changes the tokens, one process at a time.
 *
 * @throws Error where another process does not come to an end with it, or the file cannot be read or written
 */
export const changeTokens = (
  file: string,
  change: (tokens: readonly TokenEntry[]) => readonly TokenEntry[],
  patienceMs: number = PATIENCE_MS,
): void => {
  alone(`${file}.lock`, patienceMs, () => {
    const tokens = change(readTokens(file) ?? []).map(token => ({ ...token, grants: token.grants.map(grantText) }))
    writeFileAtomic(file, `${JSON.stringify({ tokens }, null, 2)}\n`)
  })
}
