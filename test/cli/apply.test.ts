import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from './engine.ts'
import { Output } from './hark.ts'

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

const SITE = 'apiVersion: skupper.io/v2alpha1\nkind: Site\nmetadata:\n  name: west\nspec:\n'
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: frontend\nspec: {}\n'

const listener = (name: string, port: number | string, namespace?: string) =>
  `apiVersion: skupper.io/v2alpha1
kind: Listener
metadata:
  name: ${name}
${namespace === undefined ? '' : `  namespace: ${namespace}\n`}spec:
  routingKey: key
  host: ${name.toLowerCase()}
  port: ${port}
`

const write = (path: string, text: string): string => {
  const file = join(folder.path, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** What answers every request with this. */
const answering = async (body: object): Promise<AsyncDisposable & { readonly url: string }> => {
  const server = createServer((_, response) => response.end(JSON.stringify(body)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

it('apply prints warnings about a resource and exits with 0', async () => {
  const result = {
    kind: 'Listener',
    namespace: 'west',
    name: 'secret',
    action: 'Created',
    message: 'tls.key is missing',
  }
  await using server = await answering({ data: { apply: { results: [result] } } })
  const file = write('secret.yml', listener('secret', 8080))
  const { status, stdout, stderr } = await engine.hark(`apply -f ${file} -n west --server ${server.url}`)
  assert.deepEqual(
    [status, stdout, stderr],
    [0, 'listener.skupper.io/secret created\n', 'warning: listener/secret: tls.key is missing\n'],
  )
})

const listenersOf = async (namespace: string): Promise<string[]> => {
  const { stdout } = await engine.hark(`get listeners -n ${namespace} -o json`)
  return JSON.parse(stdout).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
}

describe('apply', () => {
  it('applies all files of a folder and skips other kinds', async () => {
    write('tree/frontend.yml', DEPLOYMENT)
    write('tree/listeners/two.yaml', `${listener('a', 1)}---\n${listener('b', 2, 'elsewhere')}`)
    write('tree/readme.md', 'no manifest')
    write('tree/site.yml', SITE)
    const command = `apply -n tree -f ${join(folder.path, 'tree')}`

    const outcome = (
      a: string,
      b: string,
    ) => `deployment.apps/frontend skipped: apps/v1 Deployment is not a kind of Hark
listener.skupper.io/a ${a}
listener.skupper.io/b ${a}
site.skupper.io/west ${b}
`
    assert.equal((await engine.hark(`${command} --dry-run`)).stdout, outcome('created (dry run)', 'created (dry run)'))
    assert.deepEqual(await listenersOf('tree'), [])
    assert.equal((await engine.hark(command)).stdout, outcome('created', 'created'))
    assert.deepEqual([await listenersOf('tree'), await listenersOf('elsewhere')], [['a'], ['b']])
    write('tree/listeners/two.yaml', `${listener('a', 11)}---\n${listener('b', 12, 'elsewhere')}`)
    assert.equal((await engine.hark(command)).stdout, outcome('configured', 'unchanged'))
    assert.equal((await engine.hark(command)).stdout, outcome('unchanged', 'unchanged'))
  })

  it('names each kind of Skupper that Hark does not handle once on standard error', async () => {
    const other = (kind: string, name: string, apiVersion = 'skupper.io/v2alpha1') =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n---\n`
    const input = [
      other('Link', 'a'),
      other('Link', 'b'),
      other('AttachedConnectorBinding', 'c'),
      other('Service', 'd', 'v1'),
    ].join('')
    const { status, stdout, stderr } = await engine.hark(['apply', '-n', 'others', '-f', '-'], { input })
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'link.skupper.io/a skipped: skupper.io/v2alpha1 Link is not a kind of Hark',
      'link.skupper.io/b skipped: skupper.io/v2alpha1 Link is not a kind of Hark',
      'attachedconnectorbinding.skupper.io/c skipped: skupper.io/v2alpha1 AttachedConnectorBinding is not a kind of Hark',
      'service/d skipped: v1 Service is not a kind of Hark',
    ])
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      "warning: Hark does not handle Skupper's kind Link",
      "warning: Hark does not handle Skupper's kind AttachedConnectorBinding",
    ])
    assert.equal(status, 0)
  })

  it('reads several files and standard input', async () => {
    const first = write('first.yml', listener('first', 1))
    const second = write('second.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }))
    const input = listener('third', 3)
    const { status, stdout } = await engine.hark(['apply', '-n', 'several', '-f', first, second, '-f', '-'], { input })
    assert.equal(stdout, 'listener.skupper.io/first created\nlistener.skupper.io/third created\n')
    assert.equal(status, 0)
  })

  it('reports every fault of every document and applies none', async () => {
    const one = write('faulty/one.yml', `${listener('good', 1)}---\n${listener('Bad', '99999')}`)
    const two = write('faulty/two.yml', 'kind: [\n')
    const { status, stdout, stderr } = await engine.hark(`apply -n faulty -f ${join(folder.path, 'faulty')}`)
    assert.deepEqual({ status, stdout }, { status: 1, stdout: '' })
    const [syntax, name, port, ...more] = stderr.trimEnd().split('\n')
    assert.match(name ?? '', /^error: (.*):13 \(document 2\): metadata\.name: "Bad" is not a name/)
    assert.equal(port, `error: ${one}:17 (document 2): spec.port: 99999 is not a port (1 to 65535)`)
    assert.match(syntax ?? '', new RegExp(`^error: ${two}:\\d+: `))
    assert.deepEqual(more, [])
    assert.deepEqual(await listenersOf('faulty'), [])
  })

  it('reports the place of a rejected manifest and applies none', async () => {
    await engine.createListener('refused', 'holder', 80)
    const wanted = listener('wanter', 80).replace('host: wanter', 'host: holder')
    const text = `${listener('innocent', 80)}---\n${wanted}---\n${listener('holder', 80)}  tlsCredentials: x\n`
    const refused = write('refused.yml', text)
    const first = await engine.hark(`apply -n refused -f ${refused}`)
    assert.match(
      first.stderr,
      /^Error from server \(AlreadyExists\): .*refused\.yml:10 \(document 2\): host holder and port 80 are taken .*\n$/,
    )
    assert.equal(first.status, 1)
    write('refused.yml', text.replace('host: holder', 'host: wanter'))
    const second = await engine.hark(`apply -n refused -f ${refused}`)
    const place = /^error: .*refused\.yml:27 \(document 3\): spec\.tlsCredentials: cannot be changed/
    assert.match(second.stderr, place)
    assert.deepEqual(await listenersOf('refused'), ['holder'])
  })

  it('prints the results of a partial failure and exits with 1', async () => {
    const names = write('partly.yml', `${listener('a', 80)}---\n${listener('b', 81)}---\n${listener('c', 82)}`)
    const results = [{ index: 1, kind: 'Listener', namespace: 'x', name: 'b', action: 'Created', message: '' }]
    const extensions = { code: 'ALREADY_EXISTS', results, alsoFailed: ['manifests[2]: too late as well'] }
    const errors = [{ message: 'manifests[0]: too late', path: ['apply'], extensions }]
    await using server = await answering({ data: null, errors })
    const { stdout, stderr, status } = await engine.hark(`apply -n x -f ${names}`, { env: { HARK_SERVER: server.url } })
    assert.equal(stdout, 'listener.skupper.io/b created\n')
    assert.deepEqual(stderr.split('\n'), [
      `Error from server (AlreadyExists): ${names}:1 (document 1): too late`,
      `error: ${names}:19 (document 3): too late as well`,
      '',
    ])
    assert.equal(status, 1)
  })

  it('swaps endpoints of listeners, and rejects an outdated resourceVersion', async () => {
    const file = write(
      'places.yml',
      `${listener('a', 80)}---\n${listener('b', 81)}`.replaceAll(/host: [ab]/g, 'host: shop'),
    )
    await engine.hark(`apply -n places -f ${file}`)
    const { stdout: read } = await engine.hark('get listeners -n places -o yaml')
    const swapped = read.replace('port: 80', 'port: 0').replace('port: 81', 'port: 80').replace('port: 0', 'port: 81')
    for (const [option, suffix] of [
      [' --dry-run', ' (dry run)'],
      ['', ''],
    ] as const) {
      const { stdout } = await engine.hark(`apply -f -${option}`, { input: swapped })
      assert.equal(stdout, `listener.skupper.io/a configured${suffix}\nlistener.skupper.io/b configured${suffix}\n`)
    }
    const stale = await engine.hark('apply -f -', { input: read })
    assert.match(
      stale.stderr,
      /^Error from server \(Conflict\): standard input:\d+: Listener a has changed: its resourceVersion is \d+\n/,
    )
    assert.equal(stale.status, 1)
  })

  it('names unreadable files', async () => {
    const missing = join(folder.path, 'missing')
    const { status, stderr } = await engine.hark(`apply -f ${missing}`)
    assert.deepEqual({ status, stderr }, { status: 1, stderr: `error: ${missing} does not exist\n` })
    const latin = join(folder.path, 'latin.yml')
    writeFileSync(latin, Buffer.from('kind: Listener\nname: caf\xe9\n', 'latin1'))
    const encoded = await engine.hark(`apply -f ${latin}`)
    const place = 'line 2 has the byte 0xe9, at offset 24, which does not belong there'
    assert.deepEqual(
      { status: encoded.status, stderr: encoded.stderr },
      { status: 1, stderr: `error: ${latin} is not UTF-8: ${place}\n` },
    )
    const nothing = await engine.hark('apply -f -', { input: '# nothing\n' })
    assert.equal(nothing.stderr, 'error: no manifests in standard input\n')
  })
})

describe('apply --wait', () => {
  it('waits until all have been Ready', async () => {
    const connector =
      'apiVersion: skupper.io/v2alpha1\nkind: Connector\nmetadata:\n  name: b\nspec:\n  routingKey: key\n  host: b\n  port: 1\n'
    const file = write('wait.yml', `${listener('a', 1)}---\n${connector}---\n${DEPLOYMENT}`)
    const child = engine.startHark(`apply -n wait -f ${file} --wait --timeout 30s`)
    const ended = new Promise(resolve => child.once('exit', resolve))
    await new Output(child.stdout!).until(/listener\.skupper\.io\/a created\nconnector\.skupper\.io\/b created\n/)

    const about = async (kind: string, name: string) => {
      const { stdout } = await engine.hark(`get ${kind} ${name} -n wait -o json`)
      return { namespace: 'wait', name, uid: JSON.parse(stdout).metadata.uid, generation: 1 }
    }
    const seen = { namespace: 'wait', identity: '1', routingKey: 'key' }
    await engine.routerReports('wait', [
      { type: 'RouterAttached', data: { namespace: 'wait', url: 'amqp://127.0.0.1' } },
      { type: 'RouterConnected', data: { namespace: 'wait', id: 'router' } },
      { type: 'ConnectorSeen', data: seen },
      { type: 'ListenerSeen', data: { ...seen, identity: '2' } },
      { type: 'ListenerAccepted', data: await about('listener', 'a') },
      { type: 'ListenerOpened', data: await about('listener', 'a') },
    ])
    assert.equal(child.exitCode, null)
    await engine.routerReports('wait', [{ type: 'ConnectorAccepted', data: await about('connector', 'b') }])
    assert.equal(await ended, 0)
  })

  it('times out with the resources that are not Ready', async () => {
    const file = write('vain.yml', listener('vain', 1))
    const { status, stdout, stderr } = await engine.hark(`apply -n vain -f ${file} --wait --timeout 300ms`)
    assert.equal(status, 4)
    assert.equal(stdout, 'listener.skupper.io/vain created\n')
    const word = 'was not Ready within 0.3 s: Pending: No router attached'
    assert.equal(stderr, `error: listener.skupper.io/vain in namespace vain ${word}\n`)
  })
})
