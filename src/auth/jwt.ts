import { readFileSync } from 'node:fs'
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { JOSEError, JOSENotSupported, JWKSMultipleMatchingKeys, JWKSNoMatchingKey } from 'jose/errors'
import { HarkError, unavailable } from '../../schemas/errors.ts'
import { createLru } from '../lib/lru.ts'
import { decodeUtf8 } from '../lib/utf8.ts'
import { isActorName } from './actor-name.ts'
import { type Grant, type Principal, readGrant } from './roles.ts'

/** Whose JSON Web Tokens are taken. */
export interface JwtSettings {
  readonly issuer: string
  readonly audience: string
  /** The URL of a JSON Web Key Set, or the path of a file that holds one. */
  readonly jwks: string
  readonly algorithms: readonly string[]
  /** The claim that lists roles, each as `operator` or `operator:west,east`. */
  readonly rolesClaim: string
}

/** Two clocks that are set from the same source differ by less. */
const CLOCK_TOLERANCE_S = 5
/** Tokens that were checked are not checked again, up to so many. */
const MOST_KNOWN = 10_000

interface Known {
  readonly principal: Principal
}

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)

/** @throws Error that names the file which cannot be read or holds no key set */
const keysIn = (file: string): JWTVerifyGetKey => {
  try {
    return createLocalJWKSet(JSON.parse(decodeUtf8(readFileSync(file))) as JSONWebKeySet)
  } catch (error) {
    throw new Error(`jwt.jwks: ${file} cannot be read as a set of keys: ${(error as Error).message}`, { cause: error })
  }
}

/** @param url that the issuer publishes its keys at */
const keysAt = (url: string): JWTVerifyGetKey => {
  const keys = createRemoteJWKSet(new URL(url))
  return (header, token) =>
    keys(header, token).catch(error => {
      // The library has one class for an answer that is none and for what is wrong with a token: here it is the answer.
      if (isOfToken(error)) throw error
      throw new Error((error as Error).message, { cause: error })
    })
}

const isOfToken = (error: unknown): boolean =>
  error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys || error instanceof JOSENotSupported

const refused = (reason: string): HarkError => new HarkError('UNAUTHENTICATED', `The token is not taken: ${reason}`)

const grantsIn = (claim: unknown): readonly Grant[] => {
  const texts = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  // Other services have roles of theirs in the same list.
  return texts.flatMap(text => (typeof text === 'string' ? (readGrant(text) ?? []) : []))
}

/** Takes JSON Web Tokens of one issuer (RFC 7519), checked against its published keys (RFC 7517). */
export class JwtTokens {
  readonly #settings: JwtSettings
  readonly #keys: JWTVerifyGetKey
  readonly #known = createLru<string, Known>(MOST_KNOWN)

  /** @throws Error where a file of keys cannot be read */
  constructor(settings: JwtSettings) {
    this.#settings = settings
    this.#keys = isUrl(settings.jwks) ? keysAt(settings.jwks) : keysIn(settings.jwks)
  }

  /**
   * Whose a token is.
   *
   * @throws HarkError UNAUTHENTICATED with why it is not taken; UNAVAILABLE where the issuer's keys cannot be had
   */
  async find(token: string): Promise<Principal> {
    const known = this.#known.get(token)
    if (known !== undefined) {
      if (known.principal.isValid()) return known.principal
      this.#known.delete(token)
      throw refused('it has expired')
    }
    const principal = await this.#verify(token)
    this.#known.set(token, { principal })
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
      if (error instanceof JWKSNoMatchingKey) throw refused('it is signed with a key that its issuer does not publish')
      if (error instanceof JWKSMultipleMatchingKeys) throw refused('it does not say which key it is signed with')
      if (error instanceof JOSEError) throw refused(error.message)
      throw unavailable(`the keys of ${issuer} cannot be had: ${(error as Error).message}`)
    })
    const { sub: name } = payload
    if (typeof name !== 'string' || !isActorName(name)) throw refused(`${JSON.stringify(name)} is nobody's name`)
    const end = (Number(payload.exp) + CLOCK_TOLERANCE_S) * 1000
    return { name, grants: grantsIn(payload[rolesClaim]), isValid: () => Date.now() < end }
  }
}
