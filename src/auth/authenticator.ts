import { HarkError } from '../../schemas/errors.ts'
import type { FileTokens } from './file-tokens.ts'
import type { JwtTokens } from './jwt-tokens.ts'
import { ANONYMOUS, type Principal } from './roles.ts'

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i
/** Three parts; the first begins with `{"` in base64url. */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/

export interface Authenticator {
  readonly enabled: boolean
  /** @throws HarkError UNAUTHENTICATED without a valid token; UNAVAILABLE if it cannot be verified now */
  authenticate(authorization: string | undefined): Promise<Principal>
}

export const anonymousAuthenticator: Authenticator = { enabled: false, authenticate: async () => ANONYMOUS }

/** Requires a token once the token file exists, or with JWT. */
export class TokenAuthenticator implements Authenticator {
  readonly #tokens: FileTokens
  readonly #jwt: JwtTokens | undefined
  /** Invalid once authentication is required. */
  readonly #anonymous: Principal = { ...ANONYMOUS, isValid: () => !this.enabled }

  constructor(tokens: FileTokens, jwt?: JwtTokens) {
    this.#tokens = tokens
    this.#jwt = jwt
  }

  get enabled(): boolean {
    return this.#jwt !== undefined || this.#tokens.inUse
  }

  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (!this.enabled) return this.#anonymous
    if (authorization === undefined) throw new HarkError('UNAUTHENTICATED', 'Authentication is required')
    const token = BEARER.exec(authorization)?.[1]
    if (token === undefined)
      throw new HarkError('UNAUTHENTICATED', 'The Authorization header must have the form "Bearer TOKEN"')
    if (this.#jwt !== undefined && JWT.test(token)) return this.#jwt.find(token)
    const principal = this.#tokens.find(token)
    if (principal === undefined) throw new HarkError('UNAUTHENTICATED', 'The token is unknown, revoked or expired')
    return principal
  }
}
