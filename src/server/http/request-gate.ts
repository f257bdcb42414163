import { HarkError } from '../../../schemas/errors.ts'
import { DEFAULT_REQUESTS_PER_SECOND } from '../../../schemas/limits.ts'
import type { Authenticator } from '../../auth/authenticator.ts'
import type { Principal } from '../../auth/roles.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { clientOf } from '../graphql/context.ts'
import { RequestRate } from './rate-limiter.ts'
import { shuttingDown } from './shutting-down.ts'

/** Where everybody comes by, whatever they ask for: who they are, and whether they come too often. */
export class RequestGate {
  readonly #authenticator: Authenticator
  readonly #limits: EnforcedLimits
  readonly #rate = new RequestRate()
  readonly #refused: (address: string) => void
  #isClosed = false

  /** @param refused told where a token was shown that is not taken */
  constructor(authenticator: Authenticator, limits: EnforcedLimits, refused: (address: string) => void = () => {}) {
    this.#refused = refused
    this.#authenticator = authenticator
    this.#limits = limits
  }

  /** Whether a token is asked for. */
  get requiresToken(): boolean {
    return this.#authenticator.enabled
  }

  /**
   * Lets a request in.
   *
   * @throws HarkError UNAUTHENTICATED for a token that is not taken, UNAVAILABLE for one too many, or once it is closed
   */
  async authenticate(authorization: string | undefined, address: string): Promise<Principal> {
    if (this.#isClosed) throw shuttingDown()
    let principal: Principal
    try {
      principal = await this.#authenticator.authenticate(authorization)
    } catch (error) {
      if (authorization !== undefined && error instanceof HarkError && error.code === 'UNAUTHENTICATED')
        this.#refused(address)
      this.#count(`address ${address}`)
      throw error
    }
    this.#count(clientOf(principal, address))
    return principal
  }

  /**
   * Lets one more operation in of somebody who came in before.
   *
   * @throws HarkError as `enter` does
   */
  readmit(principal: Principal, address: string): void {
    if (this.#isClosed) throw shuttingDown()
    if (!principal.isValid()) throw new HarkError('UNAUTHENTICATED', 'The token has expired or was revoked')
    this.#count(clientOf(principal, address))
  }

  /** Lets nobody in any more; who is in may stay. */
  close(): void {
    this.#isClosed = true
  }

  #count(client: string): void {
    const perSecond = this.#limits.requestsPerSecond ?? (this.requiresToken ? DEFAULT_REQUESTS_PER_SECOND : 0)
    if (perSecond === 0) return
    try {
      this.#rate.take(client, perSecond)
    } catch (error) {
      this.#limits.hit('requestsPerSecond')
      throw error
    }
  }
}
