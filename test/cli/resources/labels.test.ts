import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestEngine } from '../engine.ts'

let engine: TestEngine

before(async () => {
  engine = await TestEngine.startInScratchFolder()
})
after(() => engine.close())

const hark = async (command: string | readonly string[], input = '') => {
  const { status, stdout, stderr } = await engine.hark(command, { input })
  return [status, stdout, stderr]
}

const manifest = (name: string, port: number, labels = '', kind = 'Listener') =>
  `---\napiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: ${name}${labels && `, labels: {${labels}}`}}\nspec: {routingKey: a, host: a, port: ${port}}\n`

describe('label and annotate', () => {
  before(async () => {
    await engine.done('create listener a 80 -n words')
    await engine.done('create listener b 81 -n words')
    await engine.done('create connector a 80 -n words')
  })

  it('set, keep, overwrite and remove', async () => {
    const label = 'label listener a -n words'
    assert.deepEqual(await hark(`${label} tier=web app=shop`), [0, 'listener.skupper.io/a labeled\n', ''])
    assert.deepEqual(await hark(`${label} tier=web`), [0, 'listener.skupper.io/a not labeled\n', ''])
    assert.deepEqual(await hark(`${label} tier=db`), [
      1,
      '',
      'Error from server (AlreadyExists): Listener a has tier=web among its labels: overwrite it to change it: use --overwrite\n',
    ])
    assert.deepEqual(await hark(`${label} tier=db --overwrite`), [0, 'listener.skupper.io/a labeled\n', ''])
    assert.deepEqual(await hark(`${label} tier- missing-`), [
      0,
      'listener.skupper.io/a unlabeled\n',
      'listener a has no missing\n',
    ])
    assert.deepEqual(await hark(`${label} --list`), [0, 'app=shop\n', ''])
  })

  it('change several resources, or those of a selector', async () => {
    const several = ['annotate', 'listener/a', 'connector/a', '-n', 'words', 'example.com/contact=on call']
    assert.equal(await engine.done(several), 'listener.skupper.io/a annotated\nconnector.skupper.io/a annotated\n')
    assert.equal(await engine.done('label listeners -n words -l app=shop tier=web'), 'listener.skupper.io/a labeled\n')
    assert.equal(
      await engine.done('annotate listeners --all -n words note=x'),
      'listener.skupper.io/a annotated\nlistener.skupper.io/b annotated\n',
    )
  })

  it('change and delete hundreds in the order of the list, and report each that is rejected once', async () => {
    const names = Array.from({ length: 450 }, (_, index) => `l${String(index).padStart(3, '0')}`)
    const labels = (name: string) => (name === 'l007' ? 'tier: db' : '')
    const input = names.map((name, index) => manifest(name, index + 1, labels(name))).join('')
    await engine.hark('apply -f - -n hundreds', { input })
    const others = names.filter(name => name !== 'l007')
    const lines = (all: readonly string[], done: string) => all.map(name => `listener.skupper.io/${name} ${done}\n`)
    assert.deepEqual(await hark('label listeners --all tier=web -n hundreds'), [
      1,
      lines(others, 'labeled').join(''),
      'Error from server (AlreadyExists): Listener l007 has tier=db among its labels: overwrite it to change it: use --overwrite\n',
    ])
    const deleted = lines(others, 'deleted').join('')
    assert.deepEqual(await hark('delete listeners -l tier=web -n hundreds'), [0, deleted, ''])
    assert.equal(await engine.done('get listeners -n hundreds -o name'), 'listener.skupper.io/l007\n')
  })

  for (const [command, fault] of [
    ['label listener a', 'nothing to change: write KEY=VALUE or KEY-'],
    ['label listeners x=y', 'name resources, or use -l, --field-selector or --all'],
    [['label', 'listeners', '-l', '', 'x=y'], 'the selector of -l is empty'],
    ['label listeners --all -l x x=y', 'use -l or --all, not both'],
    ['label listener a x=y -l x', 'name resources, or select them with -l, not both'],
    ['label listener a x=y --all', 'name resources, or select them with --all, not both'],
    ['label listener a x=y x-', "'x' is given twice"],
  ] as const)
    it(`reject: ${command}`, async () => {
      const [status, , stderr] = await hark([
        ...(typeof command === 'string' ? command.split(' ') : command),
        '-n',
        'words',
      ])
      assert.equal(status, 2)
      assert.match(String(stderr), new RegExp(fault))
    })

  it('reject what is no label', async () => {
    assert.deepEqual((await hark(['label', 'listener', 'a', '-n', 'words', 'x=on call'])).slice(0, 2), [1, ''])
  })

  it('are shown by get, describe, history and diff', async () => {
    await engine.done('create listener shown 80 -n shown')
    await engine.done('label listener shown -n shown tier=web')
    await engine.done(['annotate', 'listener', 'shown', '-n', 'shown', 'note=on call'])
    assert.equal(
      await engine.done('get listeners -n shown -L tier,example.com/team --show-labels'),
      [
        'NAME    STATUS    ROUTING-KEY   HOST    PORT   CONNECTORS   MESSAGE              TIER   TEAM     LABELS',
        'shown   Pending   shown         shown   80     0            No router attached   web    <none>   tier=web\n',
      ].join('\n'),
    )
    assert.match(await engine.done('get listener shown -n shown -o yaml'), /^ {2}labels:\n {4}tier: web\n/m)
    assert.match(
      await engine.done('describe listener shown -n shown'),
      /^Labels: +tier=web\nAnnotations: +note=on call$/m,
    )
    assert.match(await engine.done('history listener shown -n shown'), /ListenerLabelsUpdated +anonymous +tier=web$/m)
    assert.match(await engine.done('replay -n shown'), /\+ label tier: web/)
    const [status, stdout] = await hark('diff -f - -n shown', manifest('shown', 80, 'tier: db'))
    assert.equal(status, 1)
    assert.match(String(stdout), /^ {2}- label tier: web\n {2}\+ label tier: db$/m)
  })
})

describe('-l', () => {
  before(async () => {
    const manifests = [manifest('a', 80, 'app: shop'), manifest('b', 81, 'app: shop, tier: web'), manifest('c', 82)]
    await hark('apply -f - -n selected', manifests.join(''))
  })

  it('selects for get, describe and wait', async () => {
    const names = 'get listeners -n selected -o name -l'
    assert.equal(await engine.done(`${names} app=shop,!tier`), 'listener.skupper.io/a\n')
    assert.equal(await engine.done([...names.split(' '), 'tier in (web, db)']), 'listener.skupper.io/b\n')
    assert.equal(await engine.done(`${names} app!=shop`), 'listener.skupper.io/c\n')
    assert.match(await engine.done('describe listeners -n selected -l tier'), /^Name: +b$/m)
    const wait = 'wait listeners -n selected -l app=shop --for=jsonpath={.spec.host}=a'
    assert.equal(await engine.done(wait), 'listener.skupper.io/a condition met\nlistener.skupper.io/b condition met\n')
  })

  it('is rejected beside names, or if it is malformed', async () => {
    assert.equal((await hark('get listener a -n selected -l app'))[0], 2)
    assert.match(String((await hark(['get', 'listeners', '-l', 'a b']))[2]), /is not a requirement/)
    assert.equal((await hark(['apply', '-f', '-', '-l', 'a b'], manifest('a', 80)))[0], 2)
  })

  for (const selector of ['', ' '])
    it(`deletes and prunes nothing with ${JSON.stringify(selector)}, as of an unset variable`, async () => {
      const names = 'get listeners -n selected -o name'
      const before = await engine.done(names)
      const remove = await hark(['delete', 'listeners', '-n', 'selected', '-l', selector])
      assert.deepEqual(remove, [2, '', 'error: the selector of -l is empty: use --all for all resources of a kind\n'])
      const prune = await hark(['apply', '-f', '-', '-n', 'selected', '--prune', '-l', selector], manifest('a', 80))
      assert.deepEqual(prune, [2, '', 'error: --prune needs -l, which selects what may be deleted\n'])
      assert.equal(await engine.done(names), before)
    })

  it('is rejected beside --all', async () => {
    assert.deepEqual(await hark('delete listeners --all -l app=shop -n selected'), [
      2,
      '',
      'error: use -l or --all, not both\n',
    ])
  })

  it('selects what is deleted', async () => {
    await hark('apply -f - -n deleted', manifest('a', 80, 'app: shop') + manifest('b', 81))
    assert.equal(await engine.done('delete listeners -n deleted -l app=shop'), 'listener.skupper.io/a deleted\n')
    assert.equal(await engine.done('delete listeners --all -n deleted'), 'listener.skupper.io/b deleted\n')
    assert.deepEqual(await hark('delete listeners --all -n deleted'), [
      0,
      '',
      'No listeners found in namespace deleted.\n',
    ])
  })

  it('deletes sites after the resources in them, which are many', async () => {
    const site = '---\napiVersion: skupper.io/v2alpha1\nkind: Site\nmetadata: {name: west}\n'
    const names = Array.from({ length: 40 }, (_, index) => `l${String(index).padStart(2, '0')}`)
    await hark('apply -f - -n whole', site + names.map((name, index) => manifest(name, 100 + index)).join(''))
    const lines = [...names.map(name => `listener.skupper.io/${name} deleted`), 'site.skupper.io/west deleted']
    assert.deepEqual((await engine.done('delete all --all -n whole')).trimEnd().split('\n'), lines)
  })
})

describe('apply', () => {
  it('replaces labels by those of the manifest, and keeps them if it has none', async () => {
    await hark('apply -f - -n applied', manifest('a', 80, 'app: shop, old: x'))
    assert.deepEqual(await hark('apply -f - -n applied', manifest('a', 80, 'app: shop')), [
      0,
      'listener.skupper.io/a configured\n',
      '',
    ])
    assert.deepEqual(await hark('apply -f - -n applied', manifest('a', 80)), [
      0,
      'listener.skupper.io/a unchanged\n',
      '',
    ])
    assert.equal(await engine.done('label listener a -n applied --list'), 'app=shop\n')
  })

  it('keeps labels with --replace', async () => {
    await hark('apply -f - -n replaced', manifest('a', 80, 'app: shop'))
    const changed = manifest('a', 80).replace('routingKey', 'tlsCredentials: certs, routingKey')
    assert.equal((await hark('apply -f - -n replaced --replace', changed))[1], 'listener.skupper.io/a replaced\n')
    assert.equal(await engine.done('label listener a -n replaced --list'), 'app=shop\n')
  })

  it('applies only manifests that -l matches', async () => {
    const both = manifest('a', 80, 'app: shop') + manifest('b', 81)
    assert.deepEqual(await hark('apply -f - -n some -l app=shop', both), [0, 'listener.skupper.io/a created\n', ''])
  })

  it('prunes what matches and is in no manifest, of the kinds and namespaces of the manifests', async () => {
    const shop = 'app: shop'
    await hark('apply -f - -n pruned', manifest('a', 80, shop) + manifest('b', 81, shop) + manifest('c', 82))
    await hark('apply -f - -n pruned', manifest('b', 80, shop, 'Connector'))
    await hark('apply -f - -n other', manifest('b', 80, shop))
    const prune = 'apply -f - -n pruned --prune -l app=shop'
    const dry = ['listener.skupper.io/a unchanged (dry run)', 'listener.skupper.io/b pruned (dry run)\n'].join('\n')
    assert.deepEqual(await hark(`${prune} --dry-run`, manifest('a', 80, shop)), [0, dry, ''])
    assert.deepEqual(await hark(prune, manifest('a', 80, shop)), [0, dry.replaceAll(' (dry run)', ''), ''])
    assert.equal(
      await engine.done('get listeners,connectors -n pruned -o name'),
      'listener.skupper.io/a\nlistener.skupper.io/c\nconnector.skupper.io/b\n',
    )
    assert.equal(await engine.done('get listeners -n other -o name'), 'listener.skupper.io/b\n')
  })

  it('prunes nothing that a manifest names, even if -l leaves the manifest out', async () => {
    await hark('apply -f - -n named', manifest('a', 80, 'app: shop'))
    assert.deepEqual(await hark('apply -f - -n named --prune -l app=shop', manifest('a', 80)), [
      0,
      '',
      'No manifest matches -l app=shop.\n',
    ])
  })

  it('rejects --prune without -l', async () => {
    assert.equal((await hark('apply -f - --prune', manifest('a', 80)))[0], 2)
  })
})
