import assert from 'node:assert/strict'
import { createHmac, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { after, afterEach, before, describe, mock, test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { HarkError } from '../../schemas/errors.ts'
import { isUrl } from '../../src/auth/is-url.ts'
import { type JwtSettings, JwtTokens } from '../../src/auth/jwt-tokens.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const SETTINGS = { issuer: 'https://login.example', audience: 'hark', algorithms: ['ES256'], rolesClaim: 'roles' }
const [SECOND, MINUTE] = [1000, 60_000]

/** Publishes keys, and counts requests for them. */
class Issuer {
  keys: object[] = []
  status = 200
  fetches = 0
  readonly #server: Server = createServer((_, response) => {
    this.fetches += 1
    response.writeHead(this.status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: this.keys }))
  })

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get url(): string {
    const { port } = this.#server.address() as { port: number }
    return `http://127.0.0.1:${port}/jwks.json`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

const issuer = new Issuer()
const keyPair = async (kid: string, algorithm = 'ES256') => {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { kid, algorithm, publicKey, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: algorithm } }
}
type KeyPair = Awaited<ReturnType<typeof keyPair>>

let first: KeyPair
let second: KeyPair
before(async () => {
  ;[first, second] = await Promise.all([keyPair('first'), keyPair('second')])
  await issuer.open()
})
after(() => issuer.close())
afterEach(() => mock.timers.reset())

/** Makes the issuer publish these keys. */
const taking = (keys: readonly KeyPair[], settings: Partial<JwtSettings> = {}): JwtTokens => {
  issuer.keys = keys.map(({ published }) => published)
  issuer.status = 200
  return new JwtTokens({ ...SETTINGS, jwks: issuer.url, ...settings })
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / SECOND) + seconds

const sign = (
  { privateKey, kid, algorithm }: KeyPair,
  claims: Readonly<Record<string, unknown>> = {},
  header: { readonly kid?: string | undefined } = { kid },
): Promise<string> =>
  new SignJWT({
    iss: SETTINGS.issuer,
    aud: 'hark',
    sub: 'carol',
    exp: inSeconds(3600),
    roles: 'viewer',
    ...claims,
  } as JWTPayload)
    .setProtectedHeader({ alg: algorithm, ...header } as { alg: string })
    .sign(privateKey)

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Returns the code and message of the rejection, or `taken`. */
const refusal = async (tokens: JwtTokens, token: string): Promise<string> => {
  try {
    await tokens.find(token)
  } catch (error) {
    assert.ok(error instanceof HarkError, String(error))
    return `${error.code} ${error.message}`
  }
  return 'taken'
}

describe('JwtTokens', () => {
  test('grants the roles of the roles claim, in a list or a string, and ignores unknown ones', async () => {
    const tokens = taking([first])
    const { name, grants } = await tokens.find(await sign(first, { roles: ['viewer', 'operator:west', 'cook', 7] }))
    assert.equal(name, 'carol')
    const given = [
      { role: 'viewer', namespaces: 'all' },
      { role: 'operator', namespaces: ['west'] },
    ]
    assert.deepEqual(grants, given)
    assert.deepEqual((await tokens.find(await sign(first, { roles: 'viewer operator:west cook' }))).grants, given)
    for (const roles of [undefined, null, 7, { admin: true }])
      assert.deepEqual((await tokens.find(await sign(first, { roles }))).grants, [])
    const renamed = taking([first], { rolesClaim: 'groups' })
    assert.deepEqual(
      (await renamed.find(await sign(first, { groups: ['viewer'], roles: 'admin' }))).grants,
      given.slice(0, 1),
    )
  })

  const WRONG: Record<string, [reason: RegExp, token: () => Promise<string>]> = {
    'without exp': [/exp/, () => sign(first, { exp: undefined })],
    'that has expired': [/exp/, () => sign(first, { exp: inSeconds(-6) })],
    'before nbf': [/nbf/, () => sign(first, { nbf: inSeconds(7) })],
    'without sub': [/sub/, () => sign(first, { sub: undefined })],
    'with an empty sub': [/must be a name that is not reserved/, () => sign(first, { sub: '' })],
    'with a number as sub': [/must be a name that is not reserved/, () => sign(first, { sub: 7 })],
    'with a list as sub': [/must be a name that is not reserved/, () => sign(first, { sub: ['carol'] })],
    'with a line break in sub': [/must be a name that is not reserved/, () => sign(first, { sub: 'carol\nroot' })],
    'with a sub longer than 255 characters': [
      /must be a name that is not reserved/,
      () => sign(first, { sub: 'c'.repeat(256) }),
    ],
    'with the reserved name agent': [/must be a name that is not reserved/, () => sign(first, { sub: 'agent' })],
    'with the reserved name anonymous': [
      /must be a name that is not reserved/,
      () => sign(first, { sub: 'anonymous' }),
    ],
    'of another issuer': [/iss/, () => sign(first, { iss: 'https://evil.example' })],
    'for another audience': [/aud/, () => sign(first, { aud: ['other'] })],
    'signed with an unpublished key': [/does not publish/, () => sign(second)],
    'signed with another key under a published kid': [/signature/, () => sign({ ...second, kid: 'first' })],
    'without a signature': [
      /alg/,
      async () => `${part({ alg: 'none' })}.${part({ sub: 'root', exp: inSeconds(60) })}.`,
    ],
    'signed by HMAC with the published key as the secret': [
      /alg/,
      async () => {
        const content = `${part({ alg: 'HS256', kid: 'first' })}.${part({ sub: 'root', exp: inSeconds(60) })}`
        const secret = await exportSPKI(first.publicKey)
        return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
      },
    ],
    'with its own key in the header': [
      /does not publish|signature/,
      async () =>
        new SignJWT({ iss: SETTINGS.issuer, aud: 'hark', sub: 'root', exp: inSeconds(60) })
          .setProtectedHeader({ alg: 'ES256', jwk: second.published })
          .sign(second.privateKey as unknown as KeyObject),
    ],
    'with changed claims': [
      /signature/,
      async () => {
        const [header, , signature] = (await sign(first)).split('.')
        const claims = { iss: SETTINGS.issuer, aud: 'hark', sub: 'carol', exp: inSeconds(60), roles: 'admin' }
        return `${header}.${part(claims)}.${signature}`
      },
    ],
    'that is garbage': [/./, async () => 'eyJhbGciOi.e30.AAAA'],
  }
  for (const [what, [reason, token]] of Object.entries(WRONG))
    test(`rejects a token ${what}`, async () => {
      const rejection = await refusal(taking([first]), await token())
      assert.match(rejection, /^UNAUTHENTICATED Invalid token: /)
      assert.match(rejection, reason)
    })

  test('accepts exp and nbf within the tolerance for clock skew', async () => {
    const tokens = taking([first])
    assert.equal(await refusal(tokens, await sign(first, { exp: inSeconds(-2) })), 'taken')
    assert.equal(await refusal(tokens, await sign(first, { nbf: inSeconds(3) })), 'taken')
  })

  test('rejects an algorithm that is not configured', async () => {
    const rsa = await keyPair('rsa', 'RS256')
    assert.match(await refusal(taking([rsa]), await sign(rsa)), /^UNAUTHENTICATED .*alg/)
    assert.equal(await refusal(taking([rsa], { algorithms: ['ES256', 'RS256'] }), await sign(rsa)), 'taken')
  })

  test('accepts a token without a kid only if the issuer publishes a single key', async () => {
    const token = await sign(first, {}, {})
    assert.equal(await refusal(taking([first]), token), 'taken')
    assert.match(await refusal(taking([first, second]), token), /^UNAUTHENTICATED .*does not name the key/)
  })

  test('invalidates a token and its principal when it expires', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const tokens = taking([first])
    const token = await sign(first, { exp: inSeconds(60) })
    const principal = await tokens.find(token)
    mock.timers.tick(60 * SECOND)
    assert.equal(principal.isValid(), true)
    mock.timers.tick(6 * SECOND)
    assert.equal(principal.isValid(), false)
    assert.match(await refusal(tokens, token), /^UNAUTHENTICATED .*expired/)
    assert.match(await refusal(tokens, token), /^UNAUTHENTICATED/)
  })
})

describe('JwtTokens › issuer keys', () => {
  test('fetches new keys for an unknown kid, but not for every such token', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const tokens = taking([first])
    const before = issuer.fetches
    assert.equal(await refusal(tokens, await sign(first)), 'taken')
    issuer.keys = [second.published]
    for (let guess = 0; guess < 5; guess++) assert.match(await refusal(tokens, await sign(second)), /^UNAUTHENTICATED/)
    assert.equal(issuer.fetches, before + 1)
    mock.timers.tick(MINUTE)
    assert.equal(await refusal(tokens, await sign(second)), 'taken')
    assert.equal(issuer.fetches, before + 2)
    assert.match(await refusal(tokens, await sign(first, { sub: 'dave' })), /does not publish/)
  })

  test('accepts only cached tokens while the keys cannot be fetched', async () => {
    const tokens = taking([first])
    const known = await sign(first)
    assert.equal(await refusal(tokens, known), 'taken')
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 15 * MINUTE })
    issuer.status = 500
    assert.match(
      await refusal(tokens, await sign(first, { sub: 'dave' })),
      /^UNAVAILABLE the keys of https:\/\/login\.example cannot be fetched/,
    )
    assert.equal(await refusal(tokens, known), 'taken')
    issuer.status = 200
    assert.equal(await refusal(tokens, await sign(first, { sub: 'dave' })), 'taken')
  })

  test('rejects a key set that is malformed as UNAVAILABLE', async () => {
    const tokens = taking([first])
    issuer.keys = 'none' as unknown as object[]
    assert.match(await refusal(tokens, await sign(first)), /^UNAVAILABLE/)
  })

  test('rejects tokens as UNAVAILABLE if the issuer does not respond', async () => {
    const gone = new Issuer()
    await gone.open()
    const { url } = gone
    gone.close()
    assert.match(await refusal(taking([first], { jwks: url }), await sign(first)), /^UNAVAILABLE/)
  })

  test('does not follow a redirect to the keys', async () => {
    const tokens = taking([first])
    issuer.status = 302
    assert.match(await refusal(tokens, await sign(first)), /^UNAVAILABLE/)
  })
})

describe('JwtTokens › file of keys', () => {
  test('is rejected with its name if it holds no key set', async () => {
    await using folder = await scratchFolder()
    const jwks = join(folder.path, 'keys.json')
    for (const text of ['no JSON', '{"keys":1}']) {
      await writeFile(jwks, text)
      assert.throws(
        () => new JwtTokens({ ...SETTINGS, jwks }),
        (error: Error) =>
          error.message.startsWith(`jwt.jwks: ${jwks} must contain a JSON Web Key Set: `) && !!error.cause,
      )
    }
  })
})

test('isUrl › recognizes http and https in any case, and nothing else', () => {
  for (const url of ['https://login.example/keys', 'HTTP://login.example']) assert.equal(isUrl(url), true)
  for (const file of ['keys.json', './https://keys', 'https.json']) assert.equal(isUrl(file), false)
})
