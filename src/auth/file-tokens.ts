import { statSync } from 'node:fs'
import type { Principal } from './roles.ts'
import { readTokens, type TokenEntry, tokenHash } from './token-file.ts'

/** How long a revoked token may still be accepted. */
const REFRESH_EVERY_MS = 500

interface Logger {
  error(details: object, message: string): void
}

/** The tokens of a file, read again when it changes. */
export class FileTokens {
  readonly #file: string
  readonly #logger: Logger
  #byHash = new Map<string, TokenEntry>()
  /** Identifies the version of the file that was read; empty if there was none. */
  #version = ''
  #refreshedAt = Number.NEGATIVE_INFINITY
  /** Why the file could not be read; logged once, as any request reads it again. */
  #lastError: string | undefined

  /** @throws Error if the file exists and is not a token file */
  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
    this.#read(this.#fileVersion())
  }

  /** Whether there are tokens, including revoked ones. */
  get inUse(): boolean {
    this.#refresh()
    return this.#version !== ''
  }

  /** Including revoked and expired ones. */
  get entries(): readonly TokenEntry[] {
    this.#refresh()
    return [...this.#byHash.values()]
  }

  /** Returns the owner of a token; undefined if it is unknown, revoked or expired. */
  find(token: string): Principal | undefined {
    const hash = tokenHash(token)
    this.#refresh(this.#byHash.has(hash) ? REFRESH_EVERY_MS : 0)
    const isValid = (): boolean => {
      this.#refresh()
      const entry = this.#byHash.get(hash)
      if (entry === undefined || entry.revokedAt !== undefined) return false
      return entry.expiresAt === undefined || Date.parse(entry.expiresAt) > Date.now()
    }
    const entry = this.#byHash.get(hash)
    return entry !== undefined && isValid() ? { name: entry.name, grants: entry.grants, isValid } : undefined
  }

  #fileVersion(): string {
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false })
    return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`
  }

  /** @param maxAgeMs 0 for an unknown token, so that a new one is valid at once */
  #refresh(maxAgeMs = REFRESH_EVERY_MS): void {
    const now = performance.now()
    if (now - this.#refreshedAt < maxAgeMs) return
    this.#refreshedAt = now
    try {
      const version = this.#fileVersion()
      if (version !== this.#version) this.#read(version)
      this.#lastError = undefined
    } catch (error) {
      const { message } = error as Error
      if (message === this.#lastError) return
      this.#lastError = message
      // An unreadable file neither adds nor revokes tokens.
      this.#logger.error({ error }, 'the token file cannot be read: the tokens read before stay valid')
    }
  }

  #read(version: string): void {
    // Deleting the file revokes all tokens and does not switch authentication off.
    const tokens = version === '' ? [] : (readTokens(this.#file) ?? [])
    this.#byHash = new Map(tokens.map(entry => [entry.hash, entry]))
    if (version !== '') this.#version = version
  }
}
