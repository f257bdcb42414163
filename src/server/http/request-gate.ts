import { HarkError, unavailable } from '../../../schemas/errors.ts'
import type { Authenticator } from '../../auth/authenticator.ts'
import type { Principal } from '../../auth/roles.ts'
import { DEFAULT_REQUESTS_PER_SECOND } from '../../config/limits.ts'
import { clientKey } from '../graphql/context.ts'
import type { EnforcedLimits } from '../limits.ts'
import { RateLimiter } from './rate-limiter.ts'

export const SHUTTING_DOWN = 'Hark is shutting down'

export const shuttingDown = (): HarkError => unavailable(`${SHUTTING_DOWN}: try again later`)

export class RequestGate {
  readonly #authenticator: Authenticator
  readonly #limits: EnforcedLimits
  readonly #rate = new RateLimiter()
  readonly #onRejectedToken: (address: string) => void
  #isClosed = false

  constructor(
    authenticator: Authenticator,
    limits: EnforcedLimits,
    onRejectedToken: (address: string) => void = () => undefined,
  ) {
    this.#authenticator = authenticator
    this.#limits = limits
    this.#onRejectedToken = onRejectedToken
  }

  get requiresToken(): boolean {
    return this.#authenticator.enabled
  }

  /** @throws HarkError UNAUTHENTICATED, or UNAVAILABLE over the rate limit or when closed */
  async authenticate(authorization: string | undefined, address: string): Promise<Principal> {
    if (this.#isClosed) throw shuttingDown()
    let principal: Principal
    try {
      principal = await this.#authenticator.authenticate(authorization)
    } catch (error) {
      if (authorization !== undefined && error instanceof HarkError && error.code === 'UNAUTHENTICATED')
        this.#onRejectedToken(address)
      this.#count(`address ${address}`)
      throw error
    }
    this.#count(clientKey(principal, address))
    return principal
  }

  readmit(principal: Principal, address: string): void {
    if (this.#isClosed) throw shuttingDown()
    if (!principal.isValid()) throw new HarkError('UNAUTHENTICATED', 'the token has expired or was revoked')
    this.#count(clientKey(principal, address))
  }

  /**
   * Counts the commands of a request, apart from requests, so that a client that has sent many commands can still read.
   */
  takeCommands(client: string, count: number): void {
    this.#count(`commands of ${client}`, { tokens: count, what: 'commands' })
  }

  close(): void {
    this.#isClosed = true
  }

  #count(client: string, taken?: Parameters<RateLimiter['take']>[2]): void {
    const perSecond = this.#limits.requestsPerSecond ?? (this.requiresToken ? DEFAULT_REQUESTS_PER_SECOND : 0)
    if (perSecond === 0) return
    try {
      this.#rate.take(client, perSecond, taken)
    } catch (error) {
      this.#limits.hit('requestsPerSecond')
      throw error
    }
  }
}
