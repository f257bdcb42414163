import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const manifest = (kind: string, name: string, spec: string) =>
  `---\napiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`

const hark = async (command: string, input = '') => {
  const { status, stdout, stderr } = await engine.hark(command, { input })
  return [status, stdout, stderr]
}

/** A server that answers every request like this. */
const answering = async (body: object): Promise<AsyncDisposable & { readonly url: string }> => {
  const server = createServer((_, response) => response.end(JSON.stringify(body)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('diff -f', () => {
  const spec = 'routingKey: a, host: a, port: 80'

  it('exits with 1 and shows what would change, with 0 if nothing would', async () => {
    assert.deepEqual(await hark('diff -f - -n diff', manifest('Listener', 'a', spec)), [
      1,
      `listener.skupper.io/a in namespace diff (new)
  + routingKey: a
  + host: a
  + port: 80
  + type: tcp
  + exposePodsByName: false
  + settings: {"observer":"auto"}
`,
      '',
    ])
    await hark('apply -f - -n diff', manifest('Listener', 'a', spec))
    assert.deepEqual(await hark('diff -f - -n diff', manifest('Listener', 'a', spec)), [0, '', ''])
    const changed = manifest('Listener', 'a', 'routingKey: a, host: b, port: 81') + manifest('Site', 'here', '')
    assert.deepEqual(await hark('diff -f - -n diff', changed), [
      1,
      `listener.skupper.io/a in namespace diff
  - host: a
  + host: b
  - port: 80
  + port: 81
site.skupper.io/here in namespace diff (new)
`,
      '',
    ])
  })

  it('keeps the order of the manifests when it looks up many', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `l${index}`)
    const all = names.map((name, index) => manifest('Listener', name, `routingKey: a, host: a, port: ${index + 1}`))
    const [status, stdout] = await hark('diff -f - -n order', all.join(''))
    const titles = String(stdout).match(/^listener.*$/gm)
    assert.deepEqual([status, titles], [1, names.map(name => `listener.skupper.io/${name} in namespace order (new)`)])
  })

  it('exits with more than 1 on an error', async () => {
    const [status, stdout, stderr] = await hark('diff -f - -n diff', manifest('Listener', 'a', 'port: 0'))
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(String(stderr), /^error: standard input:5: spec\.port: 0 is not a port/m)
    const nowhere = 'diff -f - -n diff --server http://127.0.0.1:1'
    assert.equal((await hark(nowhere, manifest('Listener', 'a', spec)))[0], 3)
  })

  it('exits with 2 on an error before it starts, and on an unexpected one', async () => {
    await using odd = await answering({ data: {} })
    const broken = join(folder.path, 'broken')
    mkdirSync(join(broken, 'hark'), { recursive: true })
    writeFileSync(join(broken, 'hark', 'config.yaml'), 'contexts: [')
    for (const [options, env] of [
      ['--context nope', {}],
      ['-n diff', { XDG_CONFIG_HOME: broken }],
      ['-n diff', { HARK_SERVER: 'nonsense' }],
      ['-n diff', { HARK_SERVER: odd.url }],
    ] as const) {
      const input = manifest('Listener', 'a', spec)
      const { status, stdout, stderr } = await engine.hark(`diff -f - ${options}`, { input, env })
      assert.deepEqual([status, stdout], [2, ''], stderr)
      assert.match(stderr, /^error: ./)
    }
    assert.equal((await hark('diff --from 1 --context nope'))[0], 1)
  })
})

it('delete --dry-run › prints what would be deleted, and deletes nothing', async () => {
  const input = manifest('Site', 'here', '') + manifest('Listener', 'a', 'routingKey: a, host: a, port: 80')
  await hark('apply -f - -n kept', input)
  const would = 'listener.skupper.io/a deleted (dry run)\n'
  assert.deepEqual(await hark('delete listeners --all -n kept --dry-run'), [0, would, ''])
  assert.deepEqual(await hark('listener delete a -n kept --dry-run'), [0, would, ''])
  const all = `${would}site.skupper.io/here deleted (dry run)\n`
  assert.deepEqual(await hark('delete -f - -n kept --dry-run', input), [0, all, ''])
  const missing = 'Error from server (NotFound): Listener b not found in namespace kept\n'
  assert.deepEqual(await hark('delete listener a b -n kept --dry-run'), [1, would, missing])
  assert.deepEqual(await hark('delete listener a b -n kept --dry-run --ignore-not-found'), [0, would, ''])
  const inUse = 'Error from server (Conflict): Site here is in use: delete listeners (1) of namespace kept first\n'
  for (const dryRun of [' --dry-run', ''])
    assert.deepEqual(await hark(`delete site here -n kept${dryRun}`), [1, '', inUse])
  assert.equal((await hark('get listener a -n kept -o name'))[0], 0)
})

it('delete -f › deletes the resources of manifests, and skips other kinds', async () => {
  const spec = 'routingKey: a, host: a, port: 80'
  const all = manifest('Listener', 'a', spec) + manifest('Connector', 'a', spec) + manifest('Link', 'l', '')
  await hark('apply -f - -n gone', all)
  const [status, stdout, stderr] = await hark('delete -f - -n gone', all)
  assert.deepEqual([status, stdout], [0, 'listener.skupper.io/a deleted\nconnector.skupper.io/a deleted\n'])
  assert.match(
    String(stderr),
    /^standard input:\d+ \(document \d\) skipped: names no listener, connector, multikeylistener or site\n$/,
  )
  assert.equal((await hark('delete -f - -n gone', all))[0], 1)
  assert.equal((await hark('delete -f - -n gone --ignore-not-found', all))[0], 0)
})

describe('apply', () => {
  it('--dry-run=server changes nothing', async () => {
    const one = manifest('Listener', 'a', 'routingKey: a, host: a, port: 80')
    assert.deepEqual(await hark('apply -f - -n dry --dry-run=server', one), [
      0,
      'listener.skupper.io/a created (dry run)\n',
      '',
    ])
    assert.equal((await hark('get listener a -n dry'))[0], 1)
  })

  describe('--replace', () => {
    const before = manifest('Listener', 'a', 'routingKey: a, host: a, port: 80')
    const after = manifest('Listener', 'a', 'routingKey: a, host: a, port: 81, tlsCredentials: certs')

    it('deletes and creates what cannot change, with one history', async () => {
      await hark('apply -f - -n replace', before)
      const [status, , stderr] = await hark('apply -f - -n replace', after)
      assert.equal(status, 1)
      assert.match(String(stderr), /spec\.tlsCredentials: cannot be changed/)
      const both = after + manifest('Listener', 'b', 'routingKey: b, host: b, port: 80')
      const dry = 'listener.skupper.io/a replaced (dry run)\nlistener.skupper.io/b created (dry run)\n'
      assert.deepEqual(await hark('apply -f - -n replace --replace --dry-run', both), [0, dry, ''])
      assert.deepEqual(await hark('apply -f - -n replace --replace', both), [
        0,
        'listener.skupper.io/a replaced\nlistener.skupper.io/b created\n',
        '',
      ])
      const events = JSON.parse(String((await hark('history listener/a -n replace -o json'))[1]))
      assert.deepEqual(
        events.map(({ type, stream }: { type: string; stream: string }) => [type, stream]),
        ['ListenerCreated', 'ListenerDeleted', 'ListenerCreated'].map(type => [type, 'listener-replace.a']),
      )
      assert.equal(
        new Set(events.slice(1).map(({ correlationId }: { correlationId: string }) => correlationId)).size,
        1,
      )
      assert.equal(
        (await hark('apply -f - -n replace --replace', both))[1],
        'listener.skupper.io/a unchanged\nlistener.skupper.io/b unchanged\n',
      )
    })

    it('changes nothing if another document, or another property, is rejected', async () => {
      await hark('apply -f - -n keep', before + manifest('Listener', 'b', 'routingKey: b, host: b, port: 90'))
      const taken = manifest('Listener', 'a', 'routingKey: a, host: b, port: 90, tlsCredentials: certs')
      const [status, stdout, stderr] = await hark('apply -f - -n keep --replace', taken)
      assert.deepEqual([status, stdout], [1, ''])
      assert.match(String(stderr), /host b and port 90 are taken/)
      const events = JSON.parse(String((await hark('history listener/a -n keep -o json'))[1]))
      assert.equal(events.length, 1)
    })

    it('swaps endpoints with a document that is not replaced', async () => {
      const at = (name: string, port: number, more = '') =>
        manifest('Listener', name, `routingKey: ${name}, host: shop, port: ${port}${more}`)
      await hark('apply -f - -n exchange', at('a', 8080) + at('b', 9090))
      const swapped = at('a', 9090, ', tlsCredentials: certs') + at('b', 8080)
      const dry = ['listener.skupper.io/a replaced (dry run)', 'listener.skupper.io/b configured (dry run)', '']
      assert.deepEqual(await hark('apply -f - -n exchange --replace --dry-run', swapped), [0, dry.join('\n'), ''])
      const done = ['listener.skupper.io/a replaced', 'listener.skupper.io/b configured', '']
      assert.deepEqual(await hark('apply -f - -n exchange --replace', swapped), [0, done.join('\n'), ''])
      const [, listed] = await hark('get listeners -n exchange -o jsonpath={.items[*].spec.port}')
      assert.equal(String(listed).trim(), '9090 8080')
    })
  })
})

describe('update connector', () => {
  it('changes single properties, and swaps a host for a selector', async () => {
    await hark('create connector c 80 -n swap --host 10.0.0.1 --tls-credentials certs')
    assert.deepEqual(await hark('update connector c --port 81 -n swap'), [0, 'connector.skupper.io/c configured\n', ''])
    assert.deepEqual(await hark('update connector c --port 81 -n swap'), [0, 'connector.skupper.io/c unchanged\n', ''])
    await hark('connector update c --selector app=c -n swap')
    const { spec } = JSON.parse(String((await hark('get connector c -n swap -o json'))[1]))
    assert.deepEqual([spec.host, spec.selector, spec.port, spec.tlsCredentials], [undefined, 'app=c', 81, 'certs'])
    await hark('connector update c --host 10.0.0.2 -n swap')
    const { spec: back } = JSON.parse(String((await hark('get connector c -n swap -o json'))[1]))
    assert.deepEqual([back.host, back.selector], ['10.0.0.2', undefined])
    await hark('update connector c --routing-key d -n swap')
    assert.equal((await hark('get connector c -n swap -o jsonpath={.spec.routingKey}'))[1], 'd\n')
  })
})

describe('the grammar of Skupper', () => {
  it('creates, changes, shows and deletes a listener', async () => {
    assert.deepEqual(await hark('listener create a 80 -n noun'), [0, 'listener.skupper.io/a created\n', ''])
    assert.deepEqual(await hark('-n noun listener update a --port 81'), [0, 'listener.skupper.io/a configured\n', ''])
    assert.match(String((await hark('listener -n noun status'))[1]), /^a +Pending +a +a +81 /m)
    assert.equal((await hark('listener status a -n noun -o jsonpath={.spec.port}'))[1], '81\n')
    assert.deepEqual(await hark('listener delete a -n noun'), [0, 'listener.skupper.io/a deleted\n', ''])
  })

  it('creates one site in a namespace', async () => {
    assert.deepEqual(await hark('site create here -n alone'), [0, 'site.skupper.io/here created\n', ''])
    const again = 'Error from server (AlreadyExists): namespace alone has site here already\n'
    assert.deepEqual(await hark('site create there -n alone'), [1, '', again])
    const [, generated] = await hark('site generate here -n alone')
    assert.deepEqual(await hark('apply -f -', String(generated)), [0, 'site.skupper.io/here unchanged\n', ''])
  })

  it('prints the same manifest as the other grammar', async () => {
    assert.deepEqual(await hark('connector generate c 80'), await hark('generate connector c 80'))
  })
})
