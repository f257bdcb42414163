import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseMetrics } from '../../../src/cli/client/metrics.ts'
import { ServedHark } from '../../support/process/served-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
  await engine.execute('ApplySite', { namespace: 'west', name: 'here', spec: {} })
  await engine.createListener('west', 'a', 80)
  await engine.createConnector('east', 'b', 80)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const done = (command: string | readonly string[]): Promise<string> => engine.done(command)

describe('status', () => {
  it('shows engine, store, signing, counts and routers', async () => {
    const text = await done('status')
    assert.match(text, new RegExp(`^Engine: +${engine.url}, version ${version}$`, 'm'))
    assert.match(text, /^State: +ready$/m)
    assert.match(text, /^Store: .*position \d+$/m)
    assert.match(text, /^Signing: +not by this engine, no checkpoint yet$/m)
    assert.match(text, /^You: +anonymous/m)
    assert.match(text, /^Listeners: +1: 0 Ready, 1 Pending, 0 Error$/m)
    assert.match(text, /^Connectors: +1$/m)
    assert.match(text, /^Routers: +0 of 1 connected$/m)
    assert.match(text, /^NAMESPACE +NAME +ROUTER +MESSAGE\nwest +here +Detached +No router attached$/m)
  })

  it('prints JSON', async () => {
    const { build, listeners, routers, namespaces } = JSON.parse(await done('status -o json'))
    assert.equal(build.version, version)
    assert.deepEqual(listeners, { all: 1, Ready: 0, Pending: 1, Error: 0 })
    assert.deepEqual(namespaces, ['east', 'west'])
    assert.deepEqual([routers[0].site, routers[0].connection], ['here', 'Detached'])
  })
})

it('status › shows a rebuild while it runs, as metrics do', async () => {
  const request = async (input: object) => {
    const query = 'mutation ($input: RebuildReadModelsInput!) { rebuildReadModels(input: $input) { next } }'
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ query, variables: { input } })
    const { data } = await (await fetch(`${engine.url}/graphql`, { method: 'POST', headers, body })).json()
    return data.rebuildReadModels.next
  }
  const metrics = async () => (await fetch(`${engine.url}/metrics`)).text()
  assert.match(await metrics(), /^hark_rebuild_running 0$/m)
  const after = await request({})
  const time = String.raw`\d{4}-\d{2}-\d{2}T\S+Z`
  assert.match(
    await done('status'),
    new RegExp(`^Rebuild: +\\w+ read models, \\d+ %, since ${time}, by anonymous$`, 'm'),
  )
  assert.equal(JSON.parse(await done('status -o json')).rebuild.actor, 'anonymous')
  assert.match(await metrics(), /^hark_rebuild_running 1$/m)
  assert.match(await metrics(), /^hark_rebuild_progress_ratio [\d.]+$/m)
  await request({ after, cancel: true })
  assert.doesNotMatch(await done('status'), /Rebuild/)
})

it('status › shows the size of an SQLite store', async () => {
  await using hark = await ServedHark.start(['--data', join(folder.path, 'running')])
  await hark.ready()
  const { stdout } = await engine.hark(`status --server ${hark.url}`)
  assert.match(stdout, /^Store: +SQLite, \d+ kB, position \d+$/m)
})

describe('version', () => {
  it('prints those of the command and of the engine', async () => {
    const node = process.versions.node
    assert.equal(await done('version'), `Client: ${version} (Node.js ${node})\nEngine: ${version} (Node.js ${node})\n`)
    assert.deepEqual(JSON.parse(await done('version -o json')), {
      client: { version, node },
      engine: { version, node },
    })
  })

  it('--client needs no engine', async () => {
    const { stdout } = await engine.hark('version --client --server http://127.0.0.1:1')
    assert.match(stdout, /^Client: .*\n$/)
    const { status, stderr } = await engine.hark('version --server http://127.0.0.1:1')
    assert.equal(status, 3)
    assert.match(stderr, /no Hark engine responds/)
  })
})

it('whoami › prints name and permissions', async () => {
  const text = await done('whoami')
  assert.match(text, /^Name: +anonymous$/m)
  assert.match(text, /^May change: +all namespaces$/m)
  assert.match(text, /^Authentication: +not required/m)
  assert.equal(JSON.parse(await done('whoami -o json')).name, 'anonymous')
})

it('can-i › prints yes if the roles allow it', async () => {
  assert.equal(await done('can-i update listener/a -n west'), 'yes\n')
  assert.equal(await done('can-i * all -A'), 'yes\n')
})

it('parseMetrics › reads names, labels and values', () => {
  const text = '# HELP a b\n# TYPE a gauge\na 1\nb{x="1",y="q\\"r"} 2.5\nc{le="+Inf"} NaN\n'
  assert.deepEqual(parseMetrics(text), [
    { name: 'a', labels: {}, value: 1 },
    { name: 'b', labels: { x: '1', y: 'q\\"r' }, value: 2.5 },
    { name: 'c', labels: { le: '+Inf' }, value: Number.NaN },
  ])
})
