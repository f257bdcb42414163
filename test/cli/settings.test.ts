import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { loadSettings } from '../../src/config/load.ts'
import { faultsOf } from './faulty-settings.ts'

let data: string
const write = (text: string) => writeFileSync(join(data, 'hark.yaml'), text)

const faults = (flags: object, env: NodeJS.ProcessEnv = {}) => faultsOf({ data, ...flags }, env)

before(() => {
  data = realpathSync(mkdtempSync(join(tmpdir(), 'hark-settings-')))
  process.chdir(data)
})
after(() => {
  process.chdir('/')
  rmSync(data, { recursive: true })
})

describe('loadSettings', () => {
  it('returns defaults when nothing is set', () => {
    assert.deepEqual(loadSettings({}, {}), {
      host: '127.0.0.1',
      port: 4000,
      data: resolve('data'),
      store: { kind: 'sqlite', file: resolve('data/events.db') },
      newLog: false,
      routers: [],
      routerGrace: 10,
      checkpointSeconds: 60,
      onFailure: 'exit',
      jwt: undefined,
      tls: undefined,
      limits: DEFAULT_LIMITS,
      graphiql: undefined,
      corsOrigins: [],
      trustedProxies: undefined,
      listenerMetrics: 1000,
      logLevel: 'info',
      logFormat: 'numbers',
    })
  })

  it('prefers flags to variables, and variables to the file', () => {
    write('host: 0.0.0.0\nport: 1\nlogLevel: warn\n')
    const env = { HARK_DATA: data, HARK_PORT: '2', HARK_LOG_LEVEL: 'debug', HARK_HOST: '' }
    const { host, port, logLevel } = loadSettings({ logLevel: 'error' }, env)
    assert.deepEqual({ host, port, logLevel }, { host: '0.0.0.0', port: 2, logLevel: 'error' })
  })

  it('ignores the variables of client commands and tests', () => {
    write('')
    assert.deepEqual(faults({}, { HARK_SERVER: 'x', HARK_TOKEN: 'y', HARK_TEST_ROUTER: 'z', PORT: 'w' }), [])
  })

  describe('store', () => {
    it('resolves a file against the folder of the setting', () => {
      write('store: sqlite:log/events.db\n')
      assert.deepEqual(loadSettings({ data }, {}).store, { kind: 'sqlite', file: join(data, 'log/events.db') })
      const { store } = loadSettings({ data, store: 'sqlite:log/events.db' }, {})
      assert.deepEqual(store, { kind: 'sqlite', file: resolve('log/events.db') })
    })

    it('takes a connection string of EventStoreDB', () => {
      for (const connectionString of ['esdb://127.0.0.1:2113?tls=false', 'esdb+discover://cluster.internal']) {
        const { store } = loadSettings({ store: connectionString }, {})
        assert.deepEqual(store, { kind: 'eventstoredb', connectionString })
      }
    })

    it('hides the password in messages', () => {
      write('')
      const line = '--store: "esdbx://…@host" is not a store (sqlite:PATH or esdb://…)'
      assert.deepEqual(faults({ store: 'esdbx://admin:changeit@host' }), [line])
    })
  })

  describe('router', () => {
    const routersOf = (flags: object, env: NodeJS.ProcessEnv = {}) => loadSettings({ data, ...flags }, env).routers

    it('takes URLs by namespace', () => {
      write('router:\n  west: amqp://127.0.0.1:5672\n')
      const [west] = routersOf({})
      assert.deepEqual([west?.namespace, west?.url], ['west', 'amqp://127.0.0.1:5672'])
      const named = (flags: object, env: NodeJS.ProcessEnv) => routersOf(flags, env).map(({ namespace }) => namespace)
      const env = { HARK_ROUTER: 'c=amqp://h:3,d=amqp://h:4' }
      assert.deepEqual(named({ router: ['a=amqp://h:1', 'b=amqp://h:2'] }, env), ['a', 'b'])
      assert.deepEqual(named({}, env), ['c', 'd'])
    })

    it('separates the user from the URL', () => {
      const [west] = routersOf({ router: ['west=amqps://hark:s%40crt@router:5671'] })
      assert.deepEqual([west?.url, west?.username, west?.password], ['amqps://router:5671', 'hark', 's@crt'])
    })

    it('resolves TLS files against the folder of hark.yaml', () => {
      copyFileSync(fileURLToPath(new URL('../fixtures/tls/ca.crt', import.meta.url)), join(data, 'ca.crt'))
      write('router:\n  west:\n    url: amqps://router:5671\n    tls: { ca: ca.crt, serverName: west }\n')
      const [west] = routersOf({})
      assert.equal(west?.tls?.ca, join(data, 'ca.crt'))
      assert.equal(west.tls.serverName, 'west')
      writeFileSync(join(data, 'ca.crt'), 'CA')
      assert.deepEqual(faults({}), [`router west: tls.ca: ${join(data, 'ca.crt')} holds no certificate (PEM)`])
    })

    describe('certificates', () => {
      const FOLDER = '/etc/skupper-router-certs'
      const certificatesOf = (flags: object) => routersOf(flags).map(({ certificates }) => certificates)

      it('defaults to the folder of routers on Kubernetes', () => {
        assert.deepEqual(certificatesOf({ router: ['west=amqp://h:1'] }), [{ folder: FOLDER, local: FOLDER }])
      })

      it('takes folders from the query of the URL', () => {
        const router = ['a=amqp://h:1?certificates=/run/my%20certs/', 'b=amqp://h:2?localCertificates=/mnt/certs']
        assert.deepEqual(certificatesOf({ router }), [
          { folder: '/run/my certs', local: '/run/my certs' },
          { folder: FOLDER, local: '/mnt/certs' },
        ])
      })

      it('takes folders from hark.yaml, local ones relative to it', () => {
        write('router:\n  west:\n    url: amqp://h:1\n    certificates: /certs\n    localCertificates: input/certs\n')
        assert.deepEqual(certificatesOf({}), [{ folder: '/certs', local: join(data, 'input/certs') }])
      })

      it('rejects a relative or empty folder and an unknown parameter', () => {
        assert.deepEqual(faults({ router: ['a=amqp://h:1?certificates=certs', 'b=amqp://h:1?localCertificates='] }), [
          '--router.a.certificates: "certs" is not the absolute path of a folder on the machine of the router',
          '--router.b.localCertificates: "" is not the path of a folder',
        ])
        assert.deepEqual(faults({ router: ['a=amqp://h:1?folder=/certs'] }), [
          '--router.a.folder: is not a known property',
        ])
      })
    })

    it('reports every fault without a password', () => {
      write('router:\n  west:\n    url: amqp://router:5672\n    tls: { ca: nowhere.crt, key: tls.key, sni: x }\n')
      assert.deepEqual(faults({}), [`${join(data, 'hark.yaml')}:1: router.west.tls.sni: is not a known property`])
      write('router:\n  west:\n    url: amqp://router:5672\n    tls: { ca: nowhere.crt, key: nowhere.key }\n')
      const [first, ...others] = faults({})
      assert.match(
        first ?? '',
        /^router west: tls.certificate is missing: tls.certificate and tls.key must be set together$/,
      )
      assert.match(others[0] ?? '', /^router west: tls requires an amqps:/)
      assert.match(others[1] ?? '', /^router west: tls.ca: \S+nowhere.crt cannot be read: /)
      write('')
      assert.deepEqual(faults({ router: ['west=http://a:b@router', 'east', 'a=amqp://h:1', 'a=amqp://h:2'] }), [
        '--router: "east" is not NAMESPACE=URL',
        '--router: a is set twice',
      ])
      assert.deepEqual(faults({ router: ['west=http://a:b@router'] }), [
        '--router.west.url: "http://…@router" is not the URL of a router (amqp://HOST:PORT or amqps://HOST:PORT)',
      ])
      assert.match(faults({ router: ['We st=amqp://h:1'] })[0] ?? '', /^--router.We st: /)
    })

    it('rejects __proto__ like any other invalid name', () => {
      write('router: { __proto__: "amqp://h:1" }\n')
      assert.deepEqual(faults({}), [`${join(data, 'hark.yaml')}:1: router.__proto__: "__proto__" is not a namespace`])
      write('')
      assert.deepEqual(faults({ router: ['__proto__=amqp://h:1'] }), [
        '--router.__proto__: "__proto__" is not a namespace',
      ])
      assert.deepEqual(faults({ limits: ['__proto__=1'], tls: ['__proto__=a'] }), [
        '--tls.certificate: is missing: the path of a file is required',
        '--tls.key: is missing: the path of a file is required',
        '--tls.__proto__: is not a known property',
        '--limits.__proto__: is not a known property',
      ])
    })
  })

  describe('listenerMetrics', () => {
    const mostOf = (listenerMetrics: string) => loadSettings({ data, listenerMetrics }, {}).listenerMetrics

    it('takes a whole number from 0 to 3000', () => {
      write('listenerMetrics: 7\n')
      assert.equal(loadSettings({ data }, {}).listenerMetrics, 7)
      assert.deepEqual(['0', '3000'].map(mostOf), [0, 3000])
    })

    it('rejects a number beyond its bounds, a fraction and a word', () => {
      for (const value of ['-1', '3001', '1.5', 'all']) {
        write(`listenerMetrics: ${value}\n`)
        const [fault, ...others] = faults({})
        assert.match(fault ?? '', /hark\.yaml:1: listenerMetrics: .* not a whole number from 0 to 3000$/, value)
        assert.deepEqual(others, [])
      }
    })
  })

  describe('invalid settings', () => {
    it('rejects all of them in one error, with their origins', () => {
      write('# mine\nlogLevel: loud\nprot: 1\ndata: elsewhere\n')
      assert.deepEqual(faults({ port: '65536' }, { HARK_HOST: '10.0.0.256', HARK_STROE: 'x' }), [
        'HARK_STROE is not a setting: settings are HARK_HOST, HARK_PORT, HARK_DATA, HARK_STORE, HARK_NEW_LOG, HARK_ROUTER, HARK_ROUTER_GRACE, HARK_CHECKPOINT_SECONDS, HARK_ON_FAILURE, HARK_JWT, HARK_TLS, HARK_LIMITS, HARK_GRAPHIQL, HARK_CORS_ORIGINS, HARK_TRUSTED_PROXIES, HARK_LISTENER_METRICS, HARK_LOG_LEVEL, HARK_LOG_FORMAT',
        `${join(data, 'hark.yaml')}:3: prot is not a setting: settings are host, port, store, newLog, router, routerGrace, checkpointSeconds, onFailure, jwt, tls, limits, graphiql, corsOrigins, trustedProxies, listenerMetrics, logLevel, logFormat`,
        `${join(data, 'hark.yaml')}:4: data is not a setting: settings are host, port, store, newLog, router, routerGrace, checkpointSeconds, onFailure, jwt, tls, limits, graphiql, corsOrigins, trustedProxies, listenerMetrics, logLevel, logFormat`,
        'HARK_HOST: "10.0.0.256" is not an IP address or a host name (RFC 1123, 253 characters at most)',
        '--port: 65536 is not a port (0 to 65535; 0 takes one that is free)',
        `${join(data, 'hark.yaml')}:2: logLevel: "loud" is not a log level (one of fatal, error, warn, info, debug, trace, silent)`,
      ])
    })

    it('rejects a file that is not a map', () => {
      write('port: [1\n')
      assert.match(faults({})[0] ?? '', /hark\.yaml:\d+: Flow sequence/)
      write('just words')
      assert.deepEqual(faults({}), [`${join(data, 'hark.yaml')}: must be a map of settings`])
    })

    it('rejects a data folder that is a file', () => {
      const file = join(data, 'hark.yaml')
      write('')
      assert.match(faults({ data: file })[0] ?? '', /cannot be read: ENOTDIR/)
    })
  })
})
