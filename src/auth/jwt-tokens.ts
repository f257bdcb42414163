import { readFileSync } from 'node:fs'
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { JOSEError, JOSENotSupported, JWKSMultipleMatchingKeys, JWKSNoMatchingKey } from 'jose/errors'
import { HarkError, unavailable } from '../../schemas/errors.ts'
import { createLru } from '../lib/lru.ts'
import { decodeUtf8 } from '../lib/utf8.ts'
import { isActorName } from './actor-name.ts'
import { isUrl } from './is-url.ts'
import { type Grant, type Principal, readGrant } from './roles.ts'

export interface JwtSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwks: string
  readonly algorithms: readonly string[]
  /** Lists roles, each as `operator` or `operator:west,east`. */
  readonly rolesClaim: string
}

/** Clocks of different machines differ by less. */
const CLOCK_TOLERANCE_S = 5
const MAX_VERIFIED = 10_000

const keysIn = (file: string): JWTVerifyGetKey => {
  try {
    return createLocalJWKSet(JSON.parse(decodeUtf8(readFileSync(file))) as JSONWebKeySet)
  } catch (error) {
    throw new Error(`jwt.jwks: ${file} must contain a JSON Web Key Set: ${(error as Error).message}`, { cause: error })
  }
}

const keysAt = (url: string): JWTVerifyGetKey => {
  const keys = createRemoteJWKSet(new URL(url))
  return (header, token) =>
    keys(header, token).catch(error => {
      // jose uses its error class also for failed responses: only errors of the token keep it.
      if (isTokenError(error)) throw error
      throw new Error((error as Error).message, { cause: error })
    })
}

const isTokenError = (error: unknown): boolean =>
  error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys || error instanceof JOSENotSupported

const invalidToken = (reason: string): HarkError => new HarkError('UNAUTHENTICATED', `Invalid token: ${reason}`)

const grantsIn = (claim: unknown): readonly Grant[] => {
  const texts = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return texts.flatMap(text => (typeof text === 'string' ? (readGrant(text) ?? []) : []))
}

/** RFC 7519, with the issuer's published keys (RFC 7517). */
export class JwtTokens {
  readonly #settings: JwtSettings
  #keys: JWTVerifyGetKey
  readonly #verified = createLru<string, Principal>(MAX_VERIFIED)

  constructor(settings: JwtSettings) {
    this.#settings = settings
    this.#keys = isUrl(settings.jwks) ? keysAt(settings.jwks) : keysIn(settings.jwks)
  }

  /**
   * Reads a file of keys again; a token whose key it lacks is no longer valid.
   *
   * @throws as the constructor; the keys read before then stay
   */
  reload(): void {
    if (isUrl(this.#settings.jwks)) return
    this.#keys = keysIn(this.#settings.jwks)
    this.#verified.clear()
  }

  /** @throws HarkError UNAUTHENTICATED if the token is invalid; UNAVAILABLE if the issuer's keys cannot be fetched */
  async find(token: string): Promise<Principal> {
    const verified = this.#verified.get(token)
    if (verified?.isValid()) return verified
    if (verified !== undefined) {
      this.#verified.delete(token)
      throw invalidToken('it has expired')
    }
    const principal = await this.#verify(token)
    this.#verified.set(token, principal)
    return principal
  }

  async #verify(token: string): Promise<Principal> {
    const { issuer, audience, algorithms, rolesClaim } = this.#settings
    const { payload } = await jwtVerify(token, this.#keys, {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'exp'],
    }).catch(error => {
      if (error instanceof JWKSNoMatchingKey) throw invalidToken('its issuer does not publish the key that signed it')
      if (error instanceof JWKSMultipleMatchingKeys) throw invalidToken('it does not name the key that signed it')
      if (error instanceof JOSEError) throw invalidToken(error.message)
      throw unavailable(`the keys of ${issuer} cannot be fetched: ${(error as Error).message}`)
    })
    const { sub: name } = payload
    if (typeof name !== 'string' || !isActorName(name))
      throw invalidToken(`its subject ${JSON.stringify(name)} must be a name that is not reserved`)
    const end = (Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000
    return { name, grants: grantsIn(payload[rolesClaim]), isValid: () => Date.now() < end }
  }
}
