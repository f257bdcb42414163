import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { LAUNCHER, plainEnvironment, runInProcess } from '../hark.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
  await engine.createListener('west', 'backend', 80)
  await engine.createListener('west', 'billing', 81)
  await engine.createConnector('east', 'db', 82)
  await engine.done('site create north -n north')
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

/** Completing waits half a second for an engine, which a busy machine may exceed. */
const inSomeAttempt = async (check: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; attempt < 20; attempt += 1) {
    try {
      return await check()
    } catch {}
  }
  await check()
}

const complete = async (line: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> => {
  const { status, stdout, stderr } = await engine.hark(['__complete', '--', ...line.split(' ')], { env })
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  return stdout.split('\n').filter(word => word !== '')
}

describe('completion', () => {
  for (const [line, expected] of [
    ['des', ['describe']],
    ['con', ['config', 'connector']],
    ['listener d', ['delete']],
    ['-n west listener u', ['update']],
    ['get l', ['listener', 'listeners']],
    ['get listeners -n west b', ['backend', 'billing']],
    ['get listeners -n west backend b', ['billing']],
    ['-n west get listeners ', ['backend', 'billing']],
    ['-n west get listeners -o j', ['json', 'jsonpath=']],
    ['--namespace=west get listeners -n e', ['east']],
    ['--namespace west get listeners -o json bi', ['billing']],
    ['-n west get si', ['site', 'sites']],
    ['-n west listener delete bi', ['billing']],
    ['listener -n west delete bi', ['billing']],
    ['get lnr/b -n west lnr/ba', ['lnr/backend']],
    ['get listeners -n w', ['west']],
    ['get listeners --namespace=west ba', ['backend']],
    ['update listener -n west ba', ['backend']],
    ['connector delete -n east ', ['db']],
    ['create listener -n west ', []],
    ['rename s', ['site']],
    ['mkl d', ['delete']],
    ['lnr -n west delete bi', ['billing']],
    ['update lnr -n west ba', ['backend']],
    ['rename site -n north n', ['north']],
    ['site rename -n north north n', []],
    ['get listeners -o j', ['json', 'jsonpath=']],
    ['timeline listener a --condition M', ['Matched']],
    ['get listeners --no-h', ['--no-headers']],
    ['wait listener a --for d', ['delete']],
    ['get listeners --namespace=w', ['--namespace=west']],
    ['get listeners --output=js', ['--output=json', '--output=jsonpath=']],
    ['timeline listener a --condition=M', ['--condition=Matched']],
    ['get listeners --unknown=x', []],
    ['explain lis', ['listener', 'listeners']],
    ['explain listener.spec.p', ['listener.spec.port']],
    ['explain listener.none.p', []],
    ['events -n west --for lnr/ba', ['lnr/backend']],
    ['events --for con', ['connector/', 'connectors/']],
    ['events --types PortU', ['PortUpdated']],
    ['get sites --field-selector spec', ['spec.linkAccess=']],
    ['edit listener -n west bi', ['billing']],
    ['patch lnr/bi -n west lnr/bi', ['lnr/billing']],
    ['label listener -n west --dry-run=c', ['--dry-run=client']],
    ['config re', ['rename-context']],
    ['completion z', ['zsh']],
    ['__', []],
    ['frobnicate x', []],
  ] as const) {
    it(`proposes ${expected.join(', ') || 'nothing'} for "${line}"`, () =>
      inSomeAttempt(async () => assert.deepEqual(await complete(line), expected)))
  }

  it('uses HARK_NAMESPACE', () =>
    inSomeAttempt(async () =>
      assert.deepEqual(await complete('describe listener ba', { HARK_NAMESPACE: 'west' }), ['backend']),
    ))

  it('is silent if no engine responds, or if it does not in time', async () => {
    const silent = createServer(() => undefined)
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const urls = ['http://127.0.0.1:1', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`]
    for (const HARK_SERVER of urls) assert.deepEqual(await complete('get listener b', { HARK_SERVER }), [])
    silent.closeAllConnections()
    silent.close()
  })
})

/** Whether the shell is on this machine. */
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

const script = async (shell: string): Promise<string> => (await runInProcess(['completion', shell])).stdout

describe('the script of completion', () => {
  it('completes in bash', { skip: !has('bash') }, async () => {
    const test = `hark() { ${JSON.stringify(process.execPath)} ${JSON.stringify(LAUNCHER)} "$@"; }
${await script('bash')}
COMP_WORDS=(hark get listeners -n west bi); COMP_CWORD=5; _hark; printf '%s\\n' "\${COMPREPLY[@]}"
COMP_WORDS=(hark get listeners --namespace = west ba); COMP_CWORD=6; _hark; printf '%s\\n' "\${COMPREPLY[*]}"
COMP_WORDS=(hark get listeners -n west --at 2999-01-01T00 : 00 : 00Z ba); COMP_CWORD=11; _hark; printf '%s\\n' "\${COMPREPLY[*]}"
COMP_WORDS=(hark get -o jsonpath =); COMP_CWORD=4; _hark; printf '%s\\n' "\${COMPREPLY[*]}"
COMP_WORDS=(hark ""); COMP_CWORD=1; _hark; printf '%s\\n' "\${#COMPREPLY[@]}"
complete -p hark`
    await inSomeAttempt(async () => {
      const { stdout } = await promisify(execFile)('bash', ['-c', test], {
        env: { ...plainEnvironment(), HARK_SERVER: engine.url, XDG_CONFIG_HOME: join(folder.path, 'none') },
      })
      const [name, afterValue, afterTime, rest, count, registered] = stdout.trimEnd().split('\n')
      assert.deepEqual([name, afterValue, afterTime, rest], ['billing', 'backend', 'backend', ''])
      assert.ok(Number(count) > 25)
      assert.match(registered ?? '', /-F _hark hark$/)
    })
  })

  const environment = () => ({
    ...plainEnvironment(),
    HARK_SERVER: engine.url,
    XDG_CONFIG_HOME: join(folder.path, 'none'),
    HOME: folder.path,
  })

  it('completes in zsh', { skip: !has('zsh') }, async () => {
    const test = `hark() { ${JSON.stringify(process.execPath)} ${JSON.stringify(LAUNCHER)} "$@"; }
compdef() { registered="$*"; }
compadd() { print -l -- "\${candidates[@]}"; }
${await script('zsh')}
words=(hark get listeners -n west bi); CURRENT=6; _hark
words=(hark get listeners --namespace=w); CURRENT=4; _hark
words=(hark completion z); CURRENT=3; _hark
print -- "$registered"`
    await inSomeAttempt(async () => {
      const { stdout } = await promisify(execFile)('zsh', ['-fc', test], { env: environment() })
      assert.deepEqual(stdout.trimEnd().split('\n'), ['billing', '--namespace=west', 'zsh', '_hark hark'])
    })
  })

  it('completes in fish', { skip: !has('fish') }, async () => {
    const test = `function hark; ${JSON.stringify(process.execPath)} ${JSON.stringify(LAUNCHER)} $argv; end
${await script('fish')}
complete -C 'hark get listeners -n west bi'
complete -C 'hark get listeners --namespace=w'
complete -C 'hark completion z'
complete -C 'hark apply -f ${join(folder.path, 'read-m')}'`
    await inSomeAttempt(async () => {
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', test], { env: environment() })
      const [name, namespace, shell, file] = stdout.trimEnd().split('\n')
      assert.deepEqual([name, namespace, shell], ['billing', '--namespace=west', 'zsh'])
      assert.match(file ?? '', /read-models\.db/)
    })
  })

  for (const shell of ['zsh', 'fish']) {
    it(`is valid in ${shell}`, { skip: !has(shell) }, async () => {
      const file = join(folder.path, `completion.${shell}`)
      writeFileSync(file, await script(shell))
      const { status, stderr } = spawnSync(shell, ['-n', file])
      assert.equal(status, 0, String(stderr))
    })
  }

  it('is printed for known shells only', async () => {
    const { status, stderr } = await runInProcess(['completion', 'tcsh'])
    assert.equal(status, 2)
    assert.match(stderr, /Allowed choices are bash, zsh, fish/)
  })
})
