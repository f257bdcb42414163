import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { Output } from '../hark.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>
const watchers: ChildProcess[] = []

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
  await engine.createListener('west', 'a', 80)
  await engine.createListener('west', 'b', 81)
  await engine.createListener('east', 'c', 80)
})
after(async () => {
  for (const watcher of watchers) watcher.kill()
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const hark = async (command: string | readonly string[], input = '') => {
  const { status, stdout, stderr } = await engine.hark(command, { input })
  return [status, stdout, stderr]
}

const manifest = (name: string, port: number, kind = 'Listener') =>
  `---\napiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {routingKey: a, host: a, port: ${port}}\n`

describe('--field-selector', () => {
  it('selects for get, describe, wait and label', async () => {
    const select = '--field-selector spec.port=80,metadata.name!=c'
    assert.equal(await engine.done(`get listeners -A -o name ${select}`), 'listener.skupper.io/a\n')
    assert.match(await engine.done(`describe listeners -A ${select}`), /^Name: +a$/m)
    assert.equal(
      await engine.done(`wait listeners -A ${select} --for=jsonpath={.spec.host}=a`),
      'listener.skupper.io/a condition met\n',
    )
    assert.equal(await engine.done(`label listeners -A ${select} x=y`), 'listener.skupper.io/a labeled\n')
    assert.deepEqual(await hark('get listeners -n west --field-selector spec.port=7'), [
      0,
      '',
      'No listeners found in namespace west.\n',
    ])
  })

  it('selects what a watch prints', async () => {
    await engine.createListener('watched', 'a', 80)
    await engine.createListener('watched', 'b', 81)
    const watch = engine.startHark('get listeners -n watched --watch-only -o name --field-selector spec.port=90')
    watchers.push(watch)
    const [stdout, stderr] = [new Output(watch.stdout!), new Output(watch.stderr!)]
    await stderr.until(/No listeners found/)
    await engine.execute('UpdatePort', { namespace: 'watched', name: 'a', port: 82 })
    await engine.execute('UpdatePort', { namespace: 'watched', name: 'b', port: 90 })
    await stdout.until(/listener/)
    assert.equal(stdout.text, 'listener.skupper.io/b\n')
  })

  it('selects what is deleted, in all namespaces with -A', async () => {
    for (const namespace of ['one', 'two']) await engine.createListener(namespace, 'gone', 7001)
    const remove = 'delete listeners -A --field-selector spec.port=7001 -o name'
    const both = 'listener.skupper.io/gone\nlistener.skupper.io/gone\n'
    assert.equal(await engine.done(`${remove} --dry-run=client`), both)
    assert.equal(await engine.done(remove), both)
    assert.deepEqual(await hark(remove), [0, '', 'No listeners found.\n'])
  })

  for (const [command, fault] of [
    ['delete listeners --field-selector ', /the selector of --field-selector is empty/],
    ['delete listeners --field-selector ,', /the selector of --field-selector is empty/],
    ['delete listeners --field-selector spec.port=80 --all', /use --field-selector or --all, not both/],
    [
      'delete listener a --field-selector spec.port=80',
      /name resources, or select them with --field-selector, not both/,
    ],
    ['delete listener a -A', /a name needs a namespace/],
    ['delete listeners -A', /the name of a listener is missing/],
    ['delete listeners --field-selector spec.prot!=80', /listeners cannot be selected by 'spec\.prot'/],
    ['get all --field-selector spec.port=80', /sites cannot be selected by 'spec\.port'/],
    ['wait -f x -A --for=delete', /-l, --field-selector, --all and -A need a kind/],
    ['wait --for=delete', /name resources, or use -f/],
    ['label x=y', /name resources, or use -f/],
    ['label listeners --all x=y --resource-version 1', /--resource-version is of one resource/],
  ] as const) {
    it(`rejects: ${command}`, async () => {
      const [status, stdout, stderr] = await hark([...command.split(' '), '-n', 'west'])
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(String(stderr), fault)
    })
  }
})

describe('-A', () => {
  it('describes, waits for and labels in all namespaces', async () => {
    const described = await engine.done('describe listeners -A --show-events=false')
    for (const name of ['a', 'b', 'c']) assert.match(described, new RegExp(`^Name: +${name}$`, 'm'))
    assert.doesNotMatch(described, /Latest events/)
    const three = ['c', 'a', 'b'].map(name => `listener.skupper.io/${name} condition met\n`).join('')
    const waited = await engine.done('wait listeners -A -l x!=z --for=jsonpath={.spec.type}=tcp')
    assert.match(waited, new RegExp(three))
    assert.match(await engine.done('annotate listeners --all -A note=z'), /listener\.skupper\.io\/c annotated\n/)
  })
})

describe('-f', () => {
  it('names the resources of get, describe, wait and label', async () => {
    const file = join(folder.path, 'two.yaml')
    writeFileSync(file, manifest('one', 80) + manifest('two', 81) + manifest('one', 80, 'Connector'))
    const waiting = engine.done(`wait -f ${file} -n named --for=create`)
    await engine.done(`apply -f ${file} -n named`)
    const all = ['listener.skupper.io/one', 'listener.skupper.io/two', 'connector.skupper.io/one']
    assert.equal(await waiting, all.map(name => `${name} created\n`).join(''))
    assert.equal(await engine.done(`get -f ${file} -n named -o name`), `${all.join('\n')}\n`)
    assert.equal((await engine.done(`describe -f ${file} -n named`)).match(/^Name:/gm)?.length, 3)
    assert.equal(await engine.done(`label -f ${file} tier=web -n named`), all.map(name => `${name} labeled\n`).join(''))
  })

  it('rejects a watch of manifests that have no resource', async () => {
    const [status, stdout, stderr] = await hark('get -f - -n named --watch', manifest('one', 80, 'Link'))
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(String(stderr), /skipped: .*\nerror: --watch takes one kind, and at most one name\n$/)
  })

  it('takes manifests of sites for a condition that they do not have', async () => {
    const site = '---\napiVersion: skupper.io/v2alpha1\nkind: Site\nmetadata: {name: here}\n'
    await hark('apply -f - -n beside', site + manifest('a', 80))
    assert.deepEqual(await hark('wait -f - -n beside --for=condition=Ready=False', site + manifest('a', 80)), [
      0,
      'listener.skupper.io/a condition met\n',
      'sites have no conditions: not waiting for them\n',
    ])
    assert.equal((await hark('wait -f - -n beside --for=condition=Ready', site))[0], 2)
  })
})

describe('label --dry-run', () => {
  const dry = 'label listener a -n tried tier=web --dry-run'

  before(async () => {
    await engine.createListener('tried', 'a', 80)
    await engine.done('label listener a -n tried app=shop')
  })

  it('prints what would change, and changes nothing', async () => {
    assert.equal(await engine.done(dry), 'listener.skupper.io/a labeled (dry run)\n')
    assert.equal(
      await engine.done(`${dry}=client --list`),
      'listener.skupper.io/a labeled (dry run)\napp=shop\ntier=web\n',
    )
    assert.equal(await engine.done('label listener a -n tried --list'), 'app=shop\n')
    assert.equal(
      await engine.done('label --dry-run listener a -n tried app-'),
      'listener.skupper.io/a unlabeled (dry run)\n',
    )
  })

  it('reports what the engine would reject', async () => {
    assert.deepEqual(await hark('label listener a -n tried app=x --dry-run'), [
      1,
      '',
      'Error from server (AlreadyExists): Listener a has app=shop among its labels: overwrite it to change it: use --overwrite\n',
    ])
    const [status, stdout, stderr] = await hark(['label', 'listener', 'a', '-n', 'tried', 'x=on call', '--dry-run'])
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(String(stderr), /^error: .*labels.*on call/)
    assert.match(
      String((await hark(`${dry} --resource-version 1`))[2]),
      /^Error from server \(Conflict\): Listener a has changed/,
    )
  })
})

it('label --resource-version › rejects a change of a resource that has changed since', async () => {
  await engine.createListener('versions', 'a', 80)
  const version = await engine.done('get listener a -n versions -o jsonpath={.metadata.resourceVersion}')
  const label = `label listener a -n versions --resource-version ${version.trim()}`
  assert.equal(await engine.done(`${label} x=1`), 'listener.skupper.io/a labeled\n')
  const [status, , stderr] = await hark(`${label} y=1`)
  assert.equal(status, 1)
  assert.match(String(stderr), /^Error from server \(Conflict\): Listener a has changed/)
})

it('get --show-kind › prints names with their kind', async () => {
  assert.match(await engine.done('get listeners -n east --show-kind'), /^listener\.skupper\.io\/c +Pending/m)
})
