import assert from 'node:assert/strict'
import { createHmac, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { after, afterEach, before, describe, mock, test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { HarkError } from '../../schemas/errors.ts'
import { isUrl, type JwtSettings, JwtTokens } from '../../src/auth/jwt.ts'

const SETTINGS = { issuer: 'https://login.example', audience: 'hark', algorithms: ['ES256'], rolesClaim: 'roles' }
const [SECOND, MINUTE] = [1000, 60_000]

/** The service that issues tokens: what it publishes, and how often that was asked for. */
class Issuer {
  keys: object[] = []
  status = 200
  asked = 0
  readonly #server: Server = createServer((_, response) => {
    this.asked += 1
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

/** Tokens of the issuer, which publishes these keys. */
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

/** The code that a token is refused with, and why. */
const refusal = async (tokens: JwtTokens, token: string): Promise<string> => {
  try {
    await tokens.find(token)
  } catch (error) {
    assert.ok(error instanceof HarkError, String(error))
    return `${error.code} ${error.message}`
  }
  return 'taken'
}

describe('a JSON Web Token', () => {
  test('is taken with the roles that it lists, however it lists them', async () => {
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
    'with no end': [/exp/, () => sign(first, { exp: undefined })],
    'that is over': [/exp/, () => sign(first, { exp: inSeconds(-6) })],
    'that is not to be used yet': [/nbf/, () => sign(first, { nbf: inSeconds(7) })],
    'of nobody': [/sub/, () => sign(first, { sub: undefined })],
    'of an empty name': [/must be a name that is not reserved/, () => sign(first, { sub: '' })],
    'of a name that is none': [/must be a name that is not reserved/, () => sign(first, { sub: 7 })],
    'of several': [/must be a name that is not reserved/, () => sign(first, { sub: ['carol'] })],
    'of a name with a line of its own': [
      /must be a name that is not reserved/,
      () => sign(first, { sub: 'carol\nroot' }),
    ],
    'of a name as long as a page': [/must be a name that is not reserved/, () => sign(first, { sub: 'c'.repeat(256) })],
    'of the agent': [/must be a name that is not reserved/, () => sign(first, { sub: 'agent' })],
    'of anybody': [/must be a name that is not reserved/, () => sign(first, { sub: 'anonymous' })],
    'of another issuer': [/iss/, () => sign(first, { iss: 'https://evil.example' })],
    'for another audience': [/aud/, () => sign(first, { aud: ['other'] })],
    'of a key that is not published': [/does not publish/, () => sign(second)],
    'of another key by that name': [/signature/, () => sign({ ...second, kid: 'first' })],
    'without a signature': [
      /alg/,
      async () => `${part({ alg: 'none' })}.${part({ sub: 'root', exp: inSeconds(60) })}.`,
    ],
    'signed with what is published as if that were secret': [
      /alg/,
      async () => {
        const content = `${part({ alg: 'HS256', kid: 'first' })}.${part({ sub: 'root', exp: inSeconds(60) })}`
        const secret = await exportSPKI(first.publicKey)
        return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
      },
    ],
    'that brings its own key': [
      /does not publish|signature/,
      async () =>
        new SignJWT({ iss: SETTINGS.issuer, aud: 'hark', sub: 'root', exp: inSeconds(60) })
          .setProtectedHeader({ alg: 'ES256', jwk: second.published })
          .sign(second.privateKey as unknown as KeyObject),
    ],
    'that was changed': [
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
    test(`${what} is not taken`, async () => {
      const told = await refusal(taking([first]), await token())
      assert.match(told, /^UNAUTHENTICATED Invalid token: /)
      assert.match(told, reason)
    })

  test('is taken while two clocks may differ', async () => {
    const tokens = taking([first])
    assert.equal(await refusal(tokens, await sign(first, { exp: inSeconds(-2) })), 'taken')
    assert.equal(await refusal(tokens, await sign(first, { nbf: inSeconds(3) })), 'taken')
  })

  test('is one of the algorithms that are allowed', async () => {
    const rsa = await keyPair('rsa', 'RS256')
    assert.match(await refusal(taking([rsa]), await sign(rsa)), /^UNAUTHENTICATED .*alg/)
    assert.equal(await refusal(taking([rsa], { algorithms: ['ES256', 'RS256'] }), await sign(rsa)), 'taken')
  })

  test('that names no key is taken where there is one alone', async () => {
    const token = await sign(first, {}, {})
    assert.equal(await refusal(taking([first]), token), 'taken')
    assert.match(await refusal(taking([first, second]), token), /^UNAUTHENTICATED .*does not name the key/)
  })

  test('that was taken is not when it is over', async () => {
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

describe("an issuer's keys", () => {
  test('may change: new ones are asked for, but not by every guess', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const tokens = taking([first])
    const before = issuer.asked
    assert.equal(await refusal(tokens, await sign(first)), 'taken')
    issuer.keys = [second.published]
    for (let guess = 0; guess < 5; guess++) assert.match(await refusal(tokens, await sign(second)), /^UNAUTHENTICATED/)
    assert.equal(issuer.asked, before + 1)
    mock.timers.tick(MINUTE)
    assert.equal(await refusal(tokens, await sign(second)), 'taken')
    assert.equal(issuer.asked, before + 2)
    assert.match(await refusal(tokens, await sign(first, { sub: 'dave' })), /does not publish/)
  })

  test('that cannot be had let nobody in but who was in', async () => {
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

  test('that are none are not there', async () => {
    const tokens = taking([first])
    issuer.keys = 'none' as unknown as object[]
    assert.match(await refusal(tokens, await sign(first)), /^UNAVAILABLE/)
  })

  test('are not there where nobody answers', async () => {
    const gone = new Issuer()
    await gone.open()
    const { url } = gone
    gone.close()
    assert.match(await refusal(taking([first], { jwks: url }), await sign(first)), /^UNAVAILABLE/)
  })

  test('are not looked for where an answer leads to', async () => {
    const tokens = taking([first])
    issuer.status = 302
    assert.match(await refusal(tokens, await sign(first)), /^UNAVAILABLE/)
  })
})

test('a set of keys is had from where it begins with http or https, and from a file elsewhere', () => {
  for (const url of ['https://login.example/keys', 'HTTP://login.example']) assert.equal(isUrl(url), true)
  for (const file of ['keys.json', './https://keys', 'https.json']) assert.equal(isUrl(file), false)
})
