import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Hark, startHark } from '../../../src/app.ts'
import { changeTokens, newToken } from '../../../src/auth/token-file.ts'
import { DEFAULT_LIMITS, LIMIT_NAMES } from '../../../src/config/limits.ts'
import { loadSettings, type Settings } from '../../../src/config/load.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { faultsOf } from '../faulty-settings.ts'
import { runInProcess } from '../hark.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
let data: string
const write = (text: string) => writeFileSync(join(data, 'hark.yaml'), text)
before(async () => {
  folder = await scratchFolder()
  data = folder.path
})
beforeEach(() => write(''))
after(() => folder[Symbol.asyncDispose]())

const JWT = { issuer: 'https://login.example', audience: 'hark', jwks: 'https://login.example/jwks.json' }
const JWT_DEFAULTS = { algorithms: ['RS256', 'ES256', 'EdDSA'], rolesClaim: 'roles' }
const flagged = (map: object): readonly string[] => Object.entries(map).map(([name, value]) => `${name}=${value}`)

const faults = (flags: object, env: NodeJS.ProcessEnv = {}) => faultsOf({ data, ...flags }, env)

/** Starts it for as long as `work` takes. */
const whileStarted = async (
  settings: Settings,
  work: (hark: Hark) => Promise<void> = async () => {},
): Promise<void> => {
  const hark = await startHark(settings, silentLogger, { historyInThisThread: true })
  try {
    await work(hark)
  } finally {
    await hark.close()
  }
}

const statusAt = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
  const { port } = new URL(url)
  return (await fetch(`http://127.0.0.1:${port}/graphql?query={head}`, { headers })).status
}

describe('serve without authentication', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'hark.example', '2001:db8::1', '127.0.0.1.example'])
    it(`rejects ${host} and prints what to do`, async () => {
      await assert.rejects(startHark(loadSettings({ data, host, port: '0' }, {}), silentLogger), {
        name: 'InvalidSettings',
        message: `host: authentication is required to listen on ${host}: create a token with \`hark token create NAME --role admin\`, or set jwt`,
      })
      assert.ok(!existsSync(join(data, 'events.db')))
    })

  it('prints the error and exits', async () => {
    const { status, stderr } = await runInProcess(['serve', '--host', '0.0.0.0', '--port', '0', '--data', data])
    assert.equal(status, 2)
    assert.match(stderr, /^error: host: authentication is required to listen on 0\.0\.0\.0: .*\n$/)
  })

  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2'])
    it(`starts on ${host}`, () => whileStarted(loadSettings({ data, host, port: '0' }, {})))
})

describe('serve with tokens', () => {
  it('lets a token for one namespace wait there for resources of every kind', async () => {
    const { token, entry } = newToken({ name: 'west', grants: [{ role: 'viewer', namespaces: ['west'] }] })
    changeTokens(join(data, 'tokens.json'), () => [entry])
    await whileStarted(loadSettings({ data, port: '0' }, {}), async ({ url }) => {
      const waits = ['listener', 'connector', 'multikeylistener', 'site'].map(async kind => {
        const args = ['wait', `${kind}/a`, '-n', 'west', '--for=create', '--timeout', '500ms', '--server', url]
        const { status, stderr } = await runInProcess(args, { env: { HARK_TOKEN: token } })
        assert.match(stderr, /a in namespace west was not created within 0\.5 s: not seen\n$/)
        return status
      })
      assert.deepEqual(await Promise.all(waits), [4, 4, 4, 4])
    })
  })

  it('rejects a dry run of what the token may not do, for every command alike', async () => {
    const { token, entry } = newToken({ name: 'carol', grants: [{ role: 'viewer', namespaces: 'all' }] })
    const { token: rootToken, entry: root } = newToken({
      name: 'root',
      grants: [{ role: 'admin', namespaces: 'all' }],
    })
    changeTokens(join(data, 'tokens.json'), () => [entry, root])
    const listener = 'apiVersion: skupper.io/v2alpha1\nkind: Listener\nmetadata: {name: a, labels: {app: a}}\n'
    const other = listener.replaceAll(' a', ' b')
    const spec = 'spec: {routingKey: a, host: a, port: 80}\n'
    await whileStarted(loadSettings({ data, port: '0' }, {}), async ({ url }) => {
      const hark = (command: string, HARK_TOKEN: string, input = '') =>
        runInProcess([...command.split(' '), '-n', 'west', '--server', url], { env: { HARK_TOKEN }, input })
      assert.equal((await hark('apply -f -', rootToken, listener + spec)).status, 0)
      const commands = [
        'delete listener a',
        'delete listeners --all',
        'label listener a tier=web',
        'annotate listeners --all note=x',
        'patch listener a -p {"spec":{"port":81}}',
        'apply -f -',
        'apply -f - --prune -l app=a',
        'create listener b 81',
      ]
      for (const command of commands) {
        const { status, stderr } = await hark(`${command} --dry-run`, token, other + spec)
        assert.equal(status, 1, command)
        assert.match(stderr, /^Error from server \(Forbidden\): .*carol may not change namespace west$/m, command)
      }
    })
  })

  it('starts on an address that other machines reach', async () => {
    const settings = loadSettings({ data, host: '0.0.0.0', port: '0', jwt: flagged(JWT) }, {})
    await whileStarted(settings, async ({ url }) => assert.equal(await statusAt(url), 401))
    const { token, entry } = newToken({ name: 'root', grants: [{ role: 'admin', namespaces: 'all' }] })
    changeTokens(join(data, 'tokens.json'), () => [entry])
    await whileStarted(loadSettings({ data, host: '0.0.0.0', port: '0' }, {}), async ({ url }) => {
      assert.equal(await statusAt(url), 401)
      assert.equal(await statusAt(url, { authorization: `Bearer ${token}` }), 200)
    })
  })
})

describe('jwt setting', () => {
  it('comes from flags, variables and the file', () => {
    const expected = { ...JWT, ...JWT_DEFAULTS }
    assert.deepEqual(loadSettings({ data, jwt: flagged(JWT) }, {}).jwt, expected)
    assert.deepEqual(loadSettings({ data }, { HARK_JWT: flagged(JWT).join(',') }).jwt, expected)
    write(`jwt: ${JSON.stringify({ ...JWT, algorithms: ['ES256'], rolesClaim: 'groups' })}\n`)
    assert.deepEqual(loadSettings({ data }, {}).jwt, { ...JWT, algorithms: ['ES256'], rolesClaim: 'groups' })
    const flags = [...flagged(JWT), 'algorithms=ES256 EdDSA']
    assert.deepEqual(loadSettings({ data, jwt: flags }, {}).jwt?.algorithms, ['ES256', 'EdDSA'])
  })

  it('resolves a file against the folder of the setting', () => {
    write(`jwt: ${JSON.stringify({ ...JWT, jwks: 'keys/jwks.json' })}\n`)
    assert.equal(loadSettings({ data }, {}).jwt?.jwks, join(data, 'keys/jwks.json'))
  })

  it('rejects a missing part', () => {
    const missing = '--jwt.audience: is missing: a text is required'
    const { audience: _, ...partly } = JWT
    assert.deepEqual(faults({ jwt: flagged(partly) }), [missing])
    assert.deepEqual(faults({ jwt: flagged({ ...JWT, realm: 'x' }) }), ['--jwt.realm: is not a known property'])
    assert.deepEqual(faults({ jwt: ['issuer'] }), [
      '--jwt: "issuer" is not NAME=VALUE, such as issuer=https://login.example',
    ])
  })

  it('rejects symmetric algorithms and none', () => {
    for (const algorithm of ['HS256', 'none', ''])
      assert.match(
        faults({ jwt: { ...JWT, algorithms: [algorithm] } })[0] ?? '',
        /^--jwt\.algorithms\.?\S*: ".*" is not an algorithm/,
      )
  })

  it('rejects a key set over plain HTTP from another machine', () => {
    for (const jwks of [
      'http://login.example/jwks.json',
      'HTTP://login.example',
      'ftp://login.example',
      'http://127.0.0.1.example',
    ])
      assert.deepEqual(faults({ jwt: flagged({ ...JWT, jwks }) }), [
        `--jwt.jwks: ${JSON.stringify(jwks)} is not the URL of a key set (https://…) or the path of a file`,
      ])
    for (const jwks of [
      'http://127.0.0.1:8080/jwks',
      'http://localhost/jwks',
      'http://[::1]:8080/jwks',
      'HTTPS://login.example/jwks',
    ])
      assert.equal(loadSettings({ data, jwt: flagged({ ...JWT, jwks }) }, {}).jwt?.jwks, jwks)
  })

  it('names a file that cannot be read', async () => {
    const garbage = join(data, 'garbage.json')
    for (const [file, text] of [
      [join(data, 'nowhere.json'), undefined],
      [garbage, '{'],
      [garbage, '{"keys":7}'],
    ] as const) {
      if (text !== undefined) writeFileSync(file, text)
      const settings = loadSettings({ data, port: '0', jwt: flagged({ ...JWT, jwks: file }) }, {})
      await assert.rejects(startHark(settings, silentLogger), ({ name, message }: Error) => {
        assert.equal(name, 'InvalidSettings')
        assert.ok(message.startsWith(`jwt.jwks: ${file} must contain a JSON Web Key Set: `), message)
        return true
      })
    }
  })
})

describe('access settings', () => {
  it('accept every limit from flags, variables and the file', () => {
    for (const limit of LIMIT_NAMES) {
      const expected = { ...DEFAULT_LIMITS, [limit]: 7 }
      assert.deepEqual(loadSettings({ data, limits: [`${limit}=7`] }, {}).limits, expected)
      assert.deepEqual(loadSettings({ data }, { HARK_LIMITS: `${limit}=7` }).limits, expected)
      write(`limits: { ${limit}: 7 }\n`)
      assert.deepEqual(loadSettings({ data }, {}).limits, expected)
      write('')
    }
    assert.deepEqual(faults({ limits: ['queryDept=7', 'batch=0'] }), [
      '--limits.batch: 0 is not a whole number from 1 to 1000',
      '--limits.queryDept: is not a known property',
    ])
  })

  it('accept origins and proxies', () => {
    const { corsOrigins, trustedProxies, graphiql } = loadSettings(
      {
        data,
        corsOrigins: 'https://a.example, http://b.example:8080',
        trustedProxies: '10.0.0.0/8,::1',
        graphiql: 'on',
      },
      {},
    )
    assert.deepEqual(corsOrigins, ['https://a.example', 'http://b.example:8080'])
    assert.deepEqual(trustedProxies, ['10.0.0.0/8', '::1'])
    assert.equal(graphiql, true)
    write('graphiql: off\n')
    assert.equal(loadSettings({ data }, {}).graphiql, false)
    for (const origin of ['*', 'null', 'a.example', 'https://a.example/', 'https://a.example/x'])
      assert.match(faults({ corsOrigins: origin })[0] ?? '', /is not an origin \(https:\/\/HOST\)$/)
    for (const proxy of ['all', 'loopback', '10.0.0.0/33', 'proxy.example'])
      assert.match(faults({ trustedProxies: proxy })[0] ?? '', /is not an IP address or a network \(10\.0\.0\.0\/8\)$/)
  })
})
