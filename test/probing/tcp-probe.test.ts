import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import tls from 'node:tls'
import { type ProbeResult, type ProbeTimes, probeTcp } from '../../src/controller/probing/tcp-probe.ts'
import { freePort } from '../contract/router/fixtures.ts'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const KEYS = { key: pem('router.key'), cert: pem('router.crt') }
/** Long where something is to come, and short where nothing does. */
const PATIENT: ProbeTimes = { connectMs: 20_000, settleMs: 100, answerMs: 20_000 }
const HASTY: ProbeTimes = { connectMs: 100, settleMs: 20, answerMs: 100 }

interface Endpoint extends AsyncDisposable {
  readonly port: number
}

const listening = async (server: Server): Promise<Endpoint> => {
  const clients = new Set<Socket>()
  server.on('connection', (client: Socket) => {
    clients.add(client.on('error', () => undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const tcp = (serve: (client: Socket) => void) => listening(net.createServer({ allowHalfOpen: true }, serve))
const secure = (serve: (client: Socket) => void) =>
  listening(tls.createServer({ ...KEYS, allowHalfOpen: true }, client => serve(client.on('error', () => undefined))))

const probed = (port: number, times: ProbeTimes, isTls = false): Promise<ProbeResult> =>
  probeTcp({ host: '127.0.0.1', port, isTls }, { signal: new AbortController().signal, times })

/** Behaviours of a router, by the workload behind its listener. */
for (const [kind, serving, isTls] of [
  ['TCP', tcp, false],
  ['TLS', secure, true],
] as const) {
  describe(`probeTcp by ${kind}`, () => {
    it('reaches a workload that closes its side', async () => {
      await using endpoint = await serving(client => client.resume().on('end', () => client.end()))
      assert.deepEqual(await probed(endpoint.port, PATIENT, isTls), { outcome: 'reached', message: 'OK' })
    })

    it('reaches a workload that sends first', async () => {
      await using endpoint = await serving(client => client.write('220 ready\r\n'))
      assert.equal((await probed(endpoint.port, { ...PATIENT, settleMs: 20_000 }, isTls)).outcome, 'reached')
    })

    it('does not reach a listener that closes the connection immediately', async () => {
      await using endpoint = await serving(client => client.resume().end())
      assert.deepEqual(await probed(endpoint.port, { ...PATIENT, settleMs: 20_000 }, isTls), {
        outcome: 'notReached',
        message: `127.0.0.1:${endpoint.port} closed the connection immediately: no workload accepted it`,
      })
    })

    it('does not reach a workload that never answers', async () => {
      await using endpoint = await serving(client => client.resume())
      assert.deepEqual(await probed(endpoint.port, { ...PATIENT, answerMs: 100 }, isTls), {
        outcome: 'notReached',
        message: `127.0.0.1:${endpoint.port} accepted the connection, and no workload responded`,
      })
    })

    it('does not reach a listener that resets the connection', async () => {
      await using endpoint = await tcp(client => client.resetAndDestroy())
      assert.equal((await probed(endpoint.port, PATIENT, isTls)).outcome, 'notReached')
    })

    it('does not reach a closed port', async () => {
      const port = await freePort()
      assert.deepEqual(await probed(port, PATIENT, isTls), {
        outcome: 'notReached',
        message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      })
    })

    it('rejects when its signal is aborted', async () => {
      await using endpoint = await serving(client => client.resume())
      const stop = new AbortController()
      const probing = probeTcp(
        { host: '127.0.0.1', port: endpoint.port, isTls },
        { signal: stop.signal, times: PATIENT },
      )
      stop.abort(new Error('enough'))
      await assert.rejects(probing, /enough/)
    })
  })
}

describe('probeTcp', () => {
  it('resets the connection at the end', async () => {
    const clients: Socket[] = []
    await using endpoint = await tcp(client => clients.push(client.resume()))
    await probed(endpoint.port, { ...PATIENT, answerMs: 100 })
    const [client] = clients
    const error = await new Promise(resolve => client?.write('anybody there?', resolve))
    // A connection that was closed and not reset takes the first bytes.
    assert.match((error as NodeJS.ErrnoException | undefined)?.code ?? 'none', /ECONNRESET|EPIPE/)
  })

  it('does not reach a TCP listener by TLS', async () => {
    await using silent = await tcp(client => client.resume())
    assert.deepEqual(await probed(silent.port, HASTY, true), {
      outcome: 'notReached',
      message: `127.0.0.1:${silent.port} has not accepted the connection in time`,
    })
    await using loud = await tcp(client => client.end('SSH-2.0\r\n'))
    assert.match((await probed(loud.port, PATIENT, true)).message, /TLS handshake/)
  })

  it('is inconclusive if the host cannot be looked up', async () => {
    const { outcome: found, message } = await probeTcp(
      { host: 'no-such-host.invalid', port: 80, isTls: false },
      { signal: new AbortController().signal, times: PATIENT },
    )
    assert.equal(found, 'inconclusive')
    assert.match(message, /no-such-host\.invalid/)
  })
  for (const [codes, outcome] of [
    [['ENETUNREACH', 'EHOSTUNREACH'], 'inconclusive'],
    [['ENETUNREACH', 'ECONNREFUSED'], 'notReached'],
  ] as const)
    it(`is ${outcome} if the addresses of a host fail with ${codes.join(' and ')}`, async test => {
      const socket = new net.Socket()
      test.mock.method(net, 'connect', () => socket)
      const probing = probed(80, PATIENT)
      socket.destroy(new AggregateError(codes.map(code => Object.assign(new Error(code), { code }))))
      assert.deepEqual(await probing, { outcome, message: codes.join('; ') })
    })
})
