import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { JwtTokens } from '../src/auth/jwt-tokens.ts'
import { FileReloader } from '../src/config/file-reloader.ts'
import { systemClock } from '../src/lib/clock.ts'
import { reloadJwtKeys, reloadRouterFiles } from '../src/reload-files.ts'
import { silentLogger } from './fakes/silent-logger.ts'
import { scratchFolder } from './support/scratch-folder.ts'
import { ROOT, read } from './support/tree.ts'

const pem = (name: string): string => read(join('test/fixtures/tls', name))
const newReloader = () => new FileReloader(systemClock, silentLogger)

describe('reloadRouterFiles', () => {
  test('gives new connections the authorities, certificate and key as they are then', async () => {
    await using folder = await scratchFolder()
    const at = (name: string): string => join(folder.path, name)
    const put = (name: string, fixture: string) => copyFileSync(join(ROOT, 'test/fixtures/tls', fixture), at(name))
    put('ca', 'ca.crt')
    put('certificate', 'hark.crt')
    put('key', 'hark.key')
    const reloader = newReloader()
    const tls = { ca: at('ca'), certificate: at('certificate'), key: at('key'), serverName: 'router.example' }
    const router = reloadRouterFiles(reloader, { namespace: 'west', url: 'amqps://h:1', tls })
    const first = { ca: pem('ca.crt'), certificate: pem('hark.crt'), key: pem('hark.key') }
    assert.deepEqual(router.tls?.(), { ...first, serverName: 'router.example' })

    put('ca', 'other-ca.crt')
    put('certificate', 'router.crt')
    reloader.reload()
    assert.deepEqual(router.tls?.(), { ...first, serverName: 'router.example' }, 'the key is still of the other')
    assert.deepEqual(
      reloader.states.map(({ isCurrent }) => isCurrent),
      [false],
    )

    put('key', 'router.key')
    reloader.reload()
    assert.deepEqual(router.tls?.(), {
      ca: pem('other-ca.crt'),
      certificate: pem('router.crt'),
      key: pem('router.key'),
      serverName: 'router.example',
    })
    assert.equal(reloader.states[0]?.expiresAt?.getUTCFullYear(), 2126)
  })

  test('leaves a router without TLS as it is', () => {
    const reloader = newReloader()
    const router = { namespace: 'west', url: 'amqp://h:1' }
    assert.deepEqual(reloadRouterFiles(reloader, router), router)
    assert.deepEqual(reloader.states, [])
  })
})

describe('reloadJwtKeys', () => {
  test('accepts a new key, and rejects tokens of one that was removed', async () => {
    await using folder = await scratchFolder()
    const jwks = join(folder.path, 'jwks.json')
    const keyPair = async (kid: string) => {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const claims = { iss: 'issuer', aud: 'hark', sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 }
      const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
      return { token, jwk: { ...(await exportJWK(publicKey)), kid } }
    }
    const [before, after] = [await keyPair('before'), await keyPair('after')]
    const publish = (...keys: object[]) => writeFileSync(jwks, JSON.stringify({ keys }))
    publish(before.jwk)
    const settings = { issuer: 'issuer', audience: 'hark', jwks, algorithms: ['ES256'], rolesClaim: 'roles' }
    const tokens = new JwtTokens(settings)
    const reloader = newReloader()
    reloadJwtKeys(reloader, jwks, tokens)
    assert.equal((await tokens.find(before.token)).name, 'alice')
    await assert.rejects(tokens.find(after.token), { code: 'UNAUTHENTICATED' })

    publish(after.jwk)
    reloader.reload()
    assert.equal((await tokens.find(after.token)).name, 'alice')
    await assert.rejects(tokens.find(before.token), { code: 'UNAUTHENTICATED' })

    writeFileSync(jwks, readFileSync(jwks, 'utf8').slice(1))
    reloader.reload()
    assert.equal((await tokens.find(after.token)).name, 'alice')
  })
})
