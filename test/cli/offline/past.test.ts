import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ServedHark } from '../../support/process/served-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

const SCOPE = ['-n', 'west']

describe('--at, --from and --to', () => {
  let hark: ServedHark
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  /** Positions of the creation, the move and the deletion of a listener. */
  const positions: string[] = []
  const cli = (...args: string[]) => runInProcess([...args, '--server', hark.url])
  const applySite = async (name: string) => {
    const input = `{ apiVersion: skupper.io/v2alpha1, kind: Site, metadata: { name: ${name}, namespace: ${name} } }`
    const { status } = await runInProcess(['apply', '-f', '-', '--server', hark.url], { input })
    assert.equal(status, 0)
  }

  before(async () => {
    folder = await scratchFolder()
    hark = await ServedHark.start(['--data', folder.path])
    await hark.ready()
    await applySite('west')
    for (const args of [
      ['create', 'listener', 'backend', '8080'],
      ['update', 'listener', 'backend', '--port', '9090'],
      ['delete', 'listener', 'backend'],
    ]) {
      assert.equal((await cli(...args, ...SCOPE)).status, 0)
      positions.push((await hark.graphql('{ head }')).data.head)
    }
    await applySite('east')
  })
  after(async () => {
    await hark.stop()
    await folder[Symbol.asyncDispose]()
  })

  it('get shows past states', async () => {
    const portAt = async (at: string) => {
      const { stdout } = await cli('get', 'listeners', ...SCOPE, '--at', at)
      return /^backend .* (\d+) +0 {3}/m.exec(stdout)?.[1]
    }
    const [created, moved, deleted] = positions as [string, string, string]
    assert.deepEqual(await Promise.all([created, moved, deleted].map(portAt)), ['8080', '9090', undefined])
    const { stdout } = await cli('get', 'listeners', 'backend', ...SCOPE, '--at', moved, '-o', 'json')
    assert.equal(JSON.parse(stdout).spec.port, 9090)
  })

  it('get shows past sites', async () => {
    const sites = async (...args: string[]) =>
      (await cli('get', 'sites', '-A', ...args)).stdout.match(/^\w+ +\w+ +Detached(?= +No router attached$)/gm)
    assert.deepEqual(await sites('--at', positions[0] as string), ['west        west   Detached'])
    assert.deepEqual(await sites(), ['east        east   Detached', 'west        west   Detached'])
  })

  for (const command of [
    'get listeners',
    'get listeners backend',
    'get sites',
    'describe listener backend',
    'why listener backend',
    'router-config',
    'timeline listener backend --to 2020-01-01',
  ]) {
    it(`${command} rejects a moment before the first event`, async () => {
      const at = command.startsWith('timeline') ? [] : ['--at', '2020-01-01']
      const { status, stderr } = await cli(...command.split(' '), ...SCOPE, ...at)
      assert.equal(stderr, 'error: that is before the first event: the log of this engine begins later\n')
      assert.equal(status, 1)
    })
  }

  for (const command of [
    'history',
    'diff',
    'replay',
    'timeline listener backend',
    'audit report',
    'bisect --listener backend --where exists=false',
  ]) {
    it(`${command} rejects a window that ends before it begins`, async () => {
      const windows = [
        [
          '2026-11-22',
          '2026-11-21T23:59:59Z',
          '--to 2026-11-21T23:59:59.000Z is before --from 2026-11-22T00:00:00.000Z',
        ],
        ['7', '3', '--to 3 is before --from 7'],
      ] as const
      for (const [from, to, message] of windows) {
        const { status, stderr } = await cli(...command.split(' '), ...SCOPE, '--from', from, '--to', to)
        assert.match(stderr, new RegExp(`^error: ${message}`))
        assert.equal(status, 2)
      }
    })
  }

  it('reject invalid dates and times', async () => {
    for (const at of ['2026-02-31', '2026-11-22T25:00', 'yesterday'])
      assert.equal((await cli('get', 'listeners', ...SCOPE, '--at', at)).status, 2)
  })

  it('describe omits later events', async () => {
    const { stdout } = await cli('describe', 'listener', 'backend', ...SCOPE, '--at', positions[0] as string)
    assert.match(stdout, /^Port: +8080$/m)
    assert.match(stdout, /ListenerCreated/)
    assert.doesNotMatch(stdout, /PortUpdated|ListenerDeleted/)
  })

  it('router-config prints a past configuration', async () => {
    const { stdout } = await cli('router-config', ...SCOPE, '--at', positions[1] as string)
    const [, attributes] = JSON.parse(stdout).find(([type]: [string]) => type === 'tcpListener')
    assert.equal(attributes.port, '9090')
  })

  it('timeline shows a deleted listener', async () => {
    const at = positions[1] as string
    const { stdout } = await cli('timeline', 'listener', 'backend', ...SCOPE, '--to', at)
    assert.match(stdout, /^Ready of backend$/m)
    assert.match(stdout, /^\|[.]+\|$/m)
    assert.match(stdout, /^True 0 % of the time, Unknown 0 %; transitions: 0$/m)
    assert.match(stdout, / False +Pending +\d+ +No router attached$/m)
    const json = await cli(
      'timeline',
      'listener',
      'backend',
      ...SCOPE,
      '--to',
      at,
      '--condition',
      'Matched',
      '-o',
      'json',
    )
    assert.equal(JSON.parse(json.stdout).intervals[0].message, 'No matching connectors')
    const { status, stderr } = await cli('timeline', 'listener', 'backend', ...SCOPE)
    assert.equal(status, 1)
    assert.match(stderr, /if it was deleted, set --to to a moment at which it existed/)
  })

  it('history accepts a window', async () => {
    const [, moved] = positions as [string, string]
    const { stdout } = await cli('history', ...SCOPE, '--from', moved, '--to', moved, '-o', 'json')
    assert.deepEqual(
      JSON.parse(stdout).map(({ type }: { type: string }) => type),
      ['PortUpdated'],
    )
  })

  for (const [args, words] of [
    [['get', 'listeners', '--at', 'yesterday'], /must be a time such as/],
    [['get', 'listeners', '--at', '1', '-w'], /the past does not change/],
  ] as const) {
    it(`reject ${args.join(' ')}`, async () => {
      const { status, stderr } = await cli(...args)
      assert.equal(status, 2)
      assert.match(stderr, words)
    })
  }
})
