import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadSettings, WrongSettings } from '../../src/config.ts'

let data: string
const write = (text: string) => writeFileSync(join(data, 'hark.yaml'), text)

/** What is wrong with settings, a line each. */
const faults = (flags: object, env: NodeJS.ProcessEnv = {}): readonly string[] => {
  try {
    loadSettings({ data, ...flags }, env)
  } catch (error) {
    assert.ok(error instanceof WrongSettings)
    return error.lines
  }
  return []
}

before(() => {
  data = realpathSync(mkdtempSync(join(tmpdir(), 'hark-settings-')))
  process.chdir(data)
})
after(() => {
  process.chdir('/')
  rmSync(data, { recursive: true })
})

describe('settings', () => {
  it('have defaults', () => {
    assert.deepEqual(loadSettings({}, {}), {
      host: '127.0.0.1',
      port: 4000,
      data: resolve('data'),
      store: { kind: 'sqlite', file: resolve('data/events.db') },
      logLevel: 'info',
    })
  })

  it('come from flags, else from variables, else from the file', () => {
    write('host: 0.0.0.0\nport: 1\nlogLevel: warn\n')
    const env = { HARK_DATA: data, HARK_PORT: '2', HARK_LOG_LEVEL: 'debug', HARK_HOST: '' }
    const { host, port, logLevel } = loadSettings({ logLevel: 'error' }, env)
    assert.deepEqual({ host, port, logLevel }, { host: '0.0.0.0', port: 2, logLevel: 'error' })
  })

  it('leave alone the variables of others', () => {
    write('')
    assert.deepEqual(faults({}, { HARK_SERVER: 'x', HARK_TOKEN: 'y', HARK_TEST_ROUTER: 'z', PORT: 'w' }), [])
  })

  describe('of the store', () => {
    it('are a file, from where the setting stands', () => {
      write('store: sqlite:log/events.db\n')
      assert.deepEqual(loadSettings({ data }, {}).store, { kind: 'sqlite', file: join(data, 'log/events.db') })
      const { store } = loadSettings({ data, store: 'sqlite:log/events.db' }, {})
      assert.deepEqual(store, { kind: 'sqlite', file: resolve('log/events.db') })
    })

    it('are a server', () => {
      for (const connectionString of ['esdb://127.0.0.1:2113?tls=false', 'esdb+discover://cluster.internal']) {
        const { store } = loadSettings({ store: connectionString }, {})
        assert.deepEqual(store, { kind: 'eventstoredb', connectionString })
      }
    })

    it('never show a password', () => {
      write('')
      const line = '--store: "esdbx://…@host" is not a store (sqlite:PATH or esdb://…)'
      assert.deepEqual(faults({ store: 'esdbx://admin:changeit@host' }), [line])
    })
  })

  describe('that are wrong', () => {
    it('are named with where they came from, all at once', () => {
      write('# mine\nlogLevel: loud\nprot: 1\ndata: elsewhere\n')
      assert.deepEqual(faults({ port: '65536' }, { HARK_HOST: '10.0.0.256', HARK_STROE: 'x' }), [
        'HARK_STROE is not a setting known here: there are HARK_HOST, HARK_PORT, HARK_DATA, HARK_STORE, HARK_LOG_LEVEL',
        `${join(data, 'hark.yaml')}:3: prot is not a setting known here: there are host, port, store, logLevel`,
        `${join(data, 'hark.yaml')}:4: data is not a setting known here: there are host, port, store, logLevel`,
        'HARK_HOST: "10.0.0.256" is not an IP address or a host name (RFC 1123, 253 characters at most)',
        '--port: 65536 is not a port (0 to 65535; 0 takes one that is free)',
        `${join(data, 'hark.yaml')}:2: logLevel: "loud" is not a log level (one of fatal, error, warn, info, debug, trace, silent)`,
      ])
    })

    it('may be the whole file', () => {
      write('port: [1\n')
      assert.match(faults({})[0] ?? '', /hark\.yaml:\d+: Flow sequence/)
      write('just words')
      assert.deepEqual(faults({}), [`${join(data, 'hark.yaml')}: is not a map of settings`])
    })

    it('may be a data folder that is none', () => {
      const file = join(data, 'hark.yaml')
      write('')
      assert.match(faults({ data: file })[0] ?? '', /cannot be read: ENOTDIR/)
    })
  })
})
