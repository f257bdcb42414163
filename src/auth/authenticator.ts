import { HarkError } from '../../schemas/errors.ts'
import type { FileTokens } from './file-tokens.ts'
import type { JwtTokens } from './jwt.ts'
import { ANONYMOUS, type Principal } from './roles.ts'

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i
/** Three parts, the first of which begins as the JSON of a header does. */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/

/** Tells who a request comes from. */
export interface Authenticator {
  /** Whether requests are to show a token. */
  readonly enabled: boolean
  /**
   * @param authorization the header of that name, or what stands for it elsewhere
   * @throws HarkError UNAUTHENTICATED where it shows no token that is taken; UNAVAILABLE where that cannot be told now
   */
  authenticate(authorization: string | undefined): Promise<Principal>
}

/** Asks nobody: for an engine that only this machine reaches. */
export const anonymousAuthenticator: Authenticator = { enabled: false, authenticate: async () => ANONYMOUS }

/** Asks for a token as soon as there is one to be asked for. */
export class TokenAuthenticator implements Authenticator {
  readonly #tokens: FileTokens
  readonly #jwt: JwtTokens | undefined
  /** Who came in while the door was open has no business inside once it is locked. */
  readonly #anybody: Principal = { ...ANONYMOUS, isValid: () => !this.enabled }

  constructor(tokens: FileTokens, jwt?: JwtTokens) {
    this.#tokens = tokens
    this.#jwt = jwt
  }

  get enabled(): boolean {
    return this.#jwt !== undefined || this.#tokens.inUse
  }

  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (!this.enabled) return this.#anybody
    if (authorization === undefined) throw new HarkError('UNAUTHENTICATED', 'A token is needed')
    const token = BEARER.exec(authorization)?.[1]
    if (token === undefined)
      throw new HarkError('UNAUTHENTICATED', 'The authorization is not of the form "Bearer TOKEN"')
    if (this.#jwt !== undefined && JWT.test(token)) return this.#jwt.find(token)
    const principal = this.#tokens.find(token)
    if (principal === undefined)
      throw new HarkError('UNAUTHENTICATED', 'The token is not known, was revoked, or has expired')
    return principal
  }
}
