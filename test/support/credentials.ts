import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { TokenAuthenticator } from '../../src/auth/authenticator.ts'
import { FileTokens } from '../../src/auth/file-tokens.ts'
import { JwtTokens } from '../../src/auth/jwt-tokens.ts'
import { readGrant } from '../../src/auth/roles.ts'
import { changeTokens, newToken } from '../../src/auth/token-file.ts'
import { silentLogger } from '../fakes/silent-logger.ts'

const ISSUER = 'https://login.example'
const AUDIENCE = 'hark'
const SECOND_MS = 1000
const HOUR_MS = 3_600_000

type Claims = { readonly issuer?: string; readonly audience?: string; readonly expires?: number; readonly sub?: string }

const granted = (roles: string) => roles.split(' ').map(role => readGrant(role)!)

/** Tokens of every kind in a scratch folder, with their authenticator. */
export const credentials = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hark-tokens-'))
  const file = join(folder, 'tokens.json')
  const jwks = join(folder, 'jwks.json')
  const [published, other] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(published.publicKey)), kid: 'a', alg: 'ES256' }] }))

  const make = (name: string, roles: string, expiresAt?: string): string => {
    const { token, entry } = newToken({ name, grants: granted(roles), ...(expiresAt && { expiresAt }) })
    changeTokens(file, tokens => [...tokens, entry])
    return token
  }
  const revoke = (token: string): void => {
    const hash = createHash('sha256').update(token).digest('hex')
    const revokedAt = new Date().toISOString()
    changeTokens(file, tokens => tokens.map(entry => (entry.hash === hash ? { ...entry, revokedAt } : entry)))
  }
  const sign = (
    roles: string,
    { issuer = ISSUER, audience = AUDIENCE, expires = Date.now() + HOUR_MS, sub = 'carol' }: Claims = {},
    key = published.privateKey,
    algorithm = 'ES256',
  ): Promise<string> =>
    new SignJWT({ roles: roles.split(' ') })
      .setProtectedHeader({ alg: algorithm, kid: 'a' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(sub)
      .setExpirationTime(Math.floor(expires / SECOND_MS))
      .sign(key)
  const unsigned = (roles: string): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const exp = Math.floor((Date.now() + HOUR_MS) / SECOND_MS)
    return `${part({ alg: 'none' })}.${part({ iss: ISSUER, aud: AUDIENCE, sub: 'carol', exp, roles: roles.split(' ') })}.`
  }

  make('somebody', 'admin')
  const jwt = new JwtTokens({ issuer: ISSUER, audience: AUDIENCE, jwks, algorithms: ['ES256'], rolesClaim: 'roles' })
  return {
    authenticator: new TokenAuthenticator(new FileTokens(file, silentLogger), jwt),
    make,
    revoke,
    sign,
    unsigned,
    otherKey: other.privateKey,
    dispose: () => rmSync(folder, { recursive: true }),
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
