import { statSync } from 'node:fs'
import type { Principal } from './roles.ts'
import { readTokens, type TokenEntry, tokenHash } from './token-file.ts'

/** A revoked token may be accepted for this time. */
const REFRESH_EVERY_MS = 500

interface Logger {
  error(details: object, message: string): void
}

export class FileTokens {
  readonly #file: string
  readonly #logger: Logger
  #byHash = new Map<string, TokenEntry>()
  #version = ''
  #refreshedAt = Number.NEGATIVE_INFINITY
  #lastError: string | undefined

  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
    this.#read(this.#fileVersion())
  }

  /** True once the file has existed, even if all tokens are revoked. */
  get inUse(): boolean {
    this.#refresh()
    return this.#version !== ''
  }

  get entries(): readonly TokenEntry[] {
    this.#refresh()
    return [...this.#byHash.values()]
  }

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

  /** @param maxAgeMs 0 for an unknown token: a new one is valid immediately */
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
