import { statSync } from 'node:fs'
import type { Principal } from './roles.ts'
import { readTokens, type TokenEntry, tokenHash } from './token-file.ts'

/** So long a token may still be taken after it was revoked. */
const LOOK_EVERY_MS = 500

interface Logger {
  error(details: object, message: string): void
}

/** The tokens of a file, as they are now: what is made and revoked while the server runs holds at once. */
export class FileTokens {
  readonly #file: string
  readonly #logger: Logger
  #byHash = new Map<string, TokenEntry>()
  /** What the file looked like when it was read; empty where there was none. */
  #seen = ''
  #lookedAt = Number.NEGATIVE_INFINITY
  /** Why the file could not be read at the last look; told once, for anybody can have it looked at again. */
  #trouble: string | undefined

  /** @throws Error where there is a file that holds no tokens */
  constructor(file: string, logger: Logger) {
    this.#file = file
    this.#logger = logger
    this.#read(this.#look())
  }

  /** Whether there are tokens, be they revoked. */
  get inUse(): boolean {
    this.#refresh()
    return this.#seen !== ''
  }

  /** All there are and were. */
  get entries(): readonly TokenEntry[] {
    this.#refresh()
    return [...this.#byHash.values()]
  }

  /** Whose a token is; undefined for one that is not known, was revoked, or has expired. */
  find(token: string): Principal | undefined {
    const hash = tokenHash(token)
    this.#refresh(this.#byHash.has(hash) ? LOOK_EVERY_MS : 0)
    const isValid = (): boolean => {
      this.#refresh()
      const entry = this.#byHash.get(hash)
      if (entry === undefined || entry.revokedAt !== undefined) return false
      return entry.expiresAt === undefined || Date.parse(entry.expiresAt) > Date.now()
    }
    const entry = this.#byHash.get(hash)
    return entry !== undefined && isValid() ? { name: entry.name, grants: entry.grants, isValid } : undefined
  }

  #look(): string {
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false })
    return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`
  }

  /** @param every how old, in milliseconds, what was seen may be: who comes with a new token is not to wait */
  #refresh(every = LOOK_EVERY_MS): void {
    const now = performance.now()
    if (now - this.#lookedAt < every) return
    this.#lookedAt = now
    try {
      const seen = this.#look()
      if (seen !== this.#seen) this.#read(seen)
      this.#trouble = undefined
    } catch (error) {
      const { message } = error as Error
      if (message === this.#trouble) return
      this.#trouble = message
      // A file that nobody can read is no reason to let anybody in, nor to shut those out who were in.
      this.#logger.error({ error }, 'the tokens cannot be read: those that were read before hold')
    }
  }

  #read(seen: string): void {
    // Whoever deletes the file does not open the door by it.
    const tokens = seen === '' ? [] : (readTokens(this.#file) ?? [])
    this.#byHash = new Map(tokens.map(entry => [entry.hash, entry]))
    if (seen !== '') this.#seen = seen
  }
}
