import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { connectRouter } from '../../src/router/amqp/connect.ts'
import { RouterUnreachable } from '../../src/router/amqp/management.ts'
import type { RouterAddress, RouterCredentials } from '../../src/router/amqp/session.ts'
import { MisbehavingRouter } from '../fakes/misbehaving-router.ts'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')

const ROUTER_TLS = { key: pem('router.key'), cert: pem('router.crt'), ca: pem('ca.crt') }
const CLIENT = { certificate: pem('hark.crt'), key: pem('hark.key') }
const TIMEOUT_MS = 3000

type Address = Omit<RouterAddress, 'tls'> & { readonly tls?: RouterCredentials }

const connect = ({ tls, ...address }: Address) =>
  connectRouter({ ...address, ...(tls && { tls: () => tls }) }, { timeoutMs: TIMEOUT_MS })

const connects = async (address: Address): Promise<void> => {
  const session = await connect(address)
  await session.close()
}
const fails = (address: Address, words: RegExp) =>
  assert.rejects(connect(address), error => error instanceof RouterUnreachable && words.test(error.message))

describe('connectRouter by TLS', () => {
  const withRouter = async (work: (url: string) => Promise<void>): Promise<void> => {
    await using router = await MisbehavingRouter.start({ tls: ROUTER_TLS })
    await work(`amqps://127.0.0.1:${router.port}`)
  }

  it('authenticates by a client certificate', () =>
    withRouter(url => connects({ url, tls: { ca: pem('ca.crt'), ...CLIENT } })))

  it('verifies the configured server name instead of the host of the URL', () =>
    withRouter(url => connects({ url, tls: { ca: pem('ca.crt'), ...CLIENT, serverName: 'router.example' } })))

  it('rejects a certificate for another name', () =>
    withRouter(url =>
      fails(
        { url, tls: { ca: pem('ca.crt'), ...CLIENT, serverName: 'other.example' } },
        /The certificate of 127\.0\.0\.1:\d+ is not trusted.*other\.example/,
      ),
    ))

  it('rejects a certificate of another authority', () =>
    withRouter(url => fails({ url, tls: { ca: pem('other-ca.crt'), ...CLIENT } }, /is not trusted/)))

  it('rejects a certificate without an authority', () =>
    withRouter(url => fails({ url, tls: CLIENT }, /is not trusted/)))

  it('rejects without a client certificate if the router requires one', () =>
    withRouter(url => fails({ url, tls: { ca: pem('ca.crt') } }, /lost|closed|alert|refuses/i)))

  it('reports an unreadable key', () =>
    withRouter(url => fails({ url, tls: { ca: pem('ca.crt'), ...CLIENT, key: 'garbage' } }, /Cannot connect/)))
})

describe('connectRouter by SASL PLAIN', () => {
  const withRouter = async (work: (port: number) => Promise<void>): Promise<void> => {
    await using router = await MisbehavingRouter.start({ password: { username: 'hark', password: 's3cret' } })
    await work(router.port)
  }

  it('authenticates by user name and password, also from the URL', () =>
    withRouter(async port => {
      await connects({ url: `amqp://127.0.0.1:${port}`, username: 'hark', password: 's3cret' })
      await connects({ url: `amqp://hark:s3cret@127.0.0.1:${port}` })
    }))

  it('reports a wrong password without showing it', () =>
    withRouter(port =>
      assert.rejects(
        connectRouter(
          { url: `amqp://127.0.0.1:${port}`, username: 'hark', password: 'wr0ng' },
          { timeoutMs: TIMEOUT_MS },
        ),
        error => error instanceof RouterUnreachable && !error.message.includes('wr0ng'),
      ),
    ))
})
