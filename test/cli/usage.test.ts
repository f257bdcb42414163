import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { spawn } from '../support/process/child-process.ts'
import { LAUNCHER, run, runInProcess } from './hark.ts'

const COMMANDS = [
  'serve',
  'health',
  'apply',
  'get',
  'describe',
  'explain',
  'api-resources',
  'edit',
  'patch',
  'events',
  'auth can-i',
  'auth whoami',
  'config rename-context',
  'create listener',
  'create connector',
  'update listener',
  'update connector',
  'label',
  'annotate',
  'wait',
  'listener create',
  'listener update',
  'listener status',
  'listener delete',
  'listener generate',
  'connector create',
  'status',
  'version',
  'whoami',
  'can-i',
  'debug dump',
  'completion',
  'config get-contexts',
  'config current-context',
  'config use-context',
  'config set-context',
  'config delete-context',
  'config view',
  'site status',
  'site create',
  'site update',
  'site delete',
  'update site',
  'site generate',
  'delete',
  'generate listener',
  'generate connector',
  'router-config',
  'history',
  'audit report',
  'timeline listener',
  'replay',
  'diff',
  'bisect',
  'verify',
  'rebuild',
  'compact',
  'backup',
  'export',
  'import',
  'demo',
]

describe('help', () => {
  it('lists every command', async () => {
    const { status, stdout } = await runInProcess(['--help'])
    assert.equal(status, 0)
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command.split(' ')[0]}\\b`, 'm'))
  })

  it('is printed without a command', async () => {
    assert.deepEqual(await runInProcess([]), await runInProcess(['--help']))
    assert.equal((await runInProcess([])).status, 0)
  })

  for (const command of [
    'create',
    'update',
    'generate',
    'audit',
    'token',
    'config',
    'debug',
    'auth',
    'listener',
    'connector',
    'site',
  ]) {
    it(`lists the commands of ${command} without sentences`, async () => {
      const { stdout } = await runInProcess([command, '--help'])
      const list = /^Commands:\n((?: .+\n)+)/m.exec(stdout)?.[1] ?? ''
      assert.match(list, /^ +\w/)
      assert.doesNotMatch(list, /\.$| {2,}[A-Z]/m)
    })
  }

  for (const command of COMMANDS) {
    it(`prints an example of ${command}`, async () => {
      const { status, stdout } = await runInProcess([...command.split(' '), '--help'])
      assert.equal(status, 0)
      assert.match(stdout, new RegExp(`Examples?:\n  hark ${command}`))
    })
  }
})

it('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(await run(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' })
})

it('a command reports output that cannot be written', { skip: !existsSync('/dev/full') }, async () => {
  const child = spawn('sh', ['-c', 'exec "$0" "$1" --version > /dev/full', process.execPath, LAUNCHER])
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(status, 1)
  assert.equal(stderr, 'error: standard output cannot be written: ENOSPC: no space left on device, write\n')
})

describe('hark', () => {
  for (const [command, complaint] of [
    ['frobnicate', /unknown command 'frobnicate'/],
    ['get', /name resources, or use -f/],
    ['get pods', /'pods' is invalid .* one of listeners, connectors, multikeylisteners, sites/],
    ['get listeners --when 5', /unknown option '--when'/],
    ['get listeners backend -A', /a name needs a namespace/],
    ['get listeners -o xml', /'xml' is invalid/],
    ['get listeners --server nowhere', /'nowhere' is invalid/],
    ['describe routers a', /must be one of listeners, connectors, multikeylisteners, sites$/m],
    ['apply', /required option '-f, --filename/],
    ['apply -f x --timeout 5', /60s, 2m or 1h/],
    ['create listener backend', /missing required argument 'port'/],
    ['create listener backend 65536', /must be a port \(1–65535\)/],
    ['create listener Backend 80', /metadata\.name: "Backend" is not a name/],
    ['create connector a 80 --host b --selector c=d', /cannot be used with option '--host/],
    ['generate listener a 80 --observer all', /spec\.settings\.observer: "all" is not an observer/],
    ['update listener backend', /nothing to change: use --routing-key, --host or --port/],
    ['update connector a', /nothing to change: use --routing-key, --host, --selector or --port/],
    ['delete', /name resources, or use -f/],
    ['delete listener a -f x', /name resources, or use -f/],
    ['diff', /name manifests with -f, or a moment with --from/],
    ['diff -f x --listener a', /--to, --listener and -o belong to --from/],
    ['diff -f x -o json', /--to, --listener and -o belong to --from/],
    ['diff -f x --from 1', /use -f or --from, not both/],
    ['apply -f x --dry-run=maybe', /'maybe' is invalid/],
    ['wait listener a', /required option '--for/],
    ['wait listener a --for=Ready', /must be condition=TYPE/],
    ['wait site a --for=condition=Ready', /sites have no conditions/],
    ['wait listener a --for=jsonpath={.a', /--for=jsonpath: "}" is missing/],
    ['can-i', /name a verb, or use --list/],
    ['can-i get --list', /name a verb, or use --list/],
    ['patch listener a', /use -p or --patch-file/],
    ['patch listeners -p {}', /name resources, or use -l or --field-selector/],
    ['edit', /missing required argument 'kind'/],
    ['diff --from 1 -l a', /-l belongs to -f/],
    ['can-i fly', /must be one of get, list/],
    ['can-i get pods', /'pods' is invalid/],
    ['config set-context a', /nothing to set/],
    ['config set-context a --server nowhere', /must be a URL/],
    [
      'timeline listener a --condition Operational',
      /a listener has no condition Operational: use Configured, Matched, Ready or Reachable/,
    ],
    ['bisect --where port=1', /name a listener: listener NAME or multikeylistener NAME/],
    ['bisect lnr a --listener a --where port=1', /use a kind with a name or --listener, not both/],
    ['history --tail 0', /must be a number from 1 to 1000/],
    ['history --tail 5 --to 9', /use --to without --follow and --tail/],
    ['history listener', /the name of a listener is missing/],
    ['serve --port http', /--port: "http" is a string, not a port/],
  ] as const) {
    it(`rejects "${command}" with one line`, async () => {
      const { status, stdout, stderr } = await runInProcess(command.split(' '))
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' })
      assert.match(stderr, complaint)
      for (const line of stderr.trimEnd().split('\n')) assert.match(line, /^error: /)
    })
  }
})

describe('a word that is near a command, a flag or a value', () => {
  for (const [command, hint] of [
    ['gte listeners', '(Did you mean get?)'],
    ['api-resource', '(Did you mean api-resources?)'],
    ['config use-contxt a', '(Did you mean use-context?)'],
    ['get listeners --show-label', '(Did you mean --show-labels?)'],
  ] as const) {
    it(`is suggested for "${command}"`, async () => {
      const { status, stderr } = await runInProcess(command.split(' '))
      assert.equal(status, 2)
      assert.equal(stderr.trimEnd().split('\n').at(-1), hint)
    })
  }
})

describe('generate', () => {
  it('prints a manifest from flags', async () => {
    const { stdout } = await runInProcess([
      'generate',
      'listener',
      'backend',
      '8080',
      '--routing-key',
      'on',
      '--observer',
      'http1',
    ])
    assert.equal(
      stdout,
      `apiVersion: skupper.io/v2alpha1
kind: Listener
metadata:
  name: backend
spec:
  routingKey: "on"
  host: backend
  port: 8080
  settings:
    observer: http1
`,
    )
  })

  it('accepts the short flags of Skupper', async () => {
    const flags = '-r key -s app=b -i --type tcp -o json'
    const { stdout } = await runInProcess(`generate connector backend 8080 ${flags}`.split(' '))
    const { spec } = JSON.parse(stdout)
    assert.deepEqual(spec, { routingKey: 'key', selector: 'app=b', port: 8080, includeNotReadyPods: true })
    const { status, stderr } = await runInProcess('generate listener a 80 --type http'.split(' '))
    assert.equal(status, 2)
    assert.match(stderr, /Allowed choices are tcp/)
  })

  it('prints JSON', async () => {
    const options = ['--selector', 'app=backend', '--no-verify-hostname', '-n', 'east', '-o', 'json']
    const { stdout } = await runInProcess(['generate', 'connector', 'backend', '8080', ...options])
    assert.deepEqual(JSON.parse(stdout), {
      apiVersion: 'skupper.io/v2alpha1',
      kind: 'Connector',
      metadata: { name: 'backend', namespace: 'east' },
      spec: { routingKey: 'backend', selector: 'app=backend', port: 8080, verifyHostname: false },
    })
  })
})
