import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

const LONG = `${'orders.'.repeat(35)}db`

const manifest = (kind: string, name: string, spec: string) =>
  `apiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`
const MANIFESTS = [
  manifest('Site', 'west.example', ''),
  manifest('Listener', 'db', 'routingKey: db, host: db, port: 1'),
  manifest('Listener', 'db.orders', 'routingKey: orders, host: orders, port: 2'),
  manifest('Listener', LONG, 'routingKey: long, host: long, port: 3'),
  manifest('Connector', 'db.orders', 'routingKey: orders, host: orders, port: 4'),
].join('---\n')

describe('long names and names with dots', () => {
  let engine: TestEngine
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const hark = async (command: string, input?: string): Promise<string> => {
    const { status, stdout, stderr } = await engine.hark(`${command} -n west`, input === undefined ? {} : { input })
    assert.equal(status, 0, stderr)
    return stdout
  }

  before(async () => {
    folder = await scratchFolder()
    engine = await TestEngine.start(folder.path)
    await hark('apply -f -', MANIFESTS)
  })
  after(async () => {
    await engine.close()
    await folder[Symbol.asyncDispose]()
  })

  it('work with apply, get, describe and timeline', async () => {
    assert.ok(
      (await hark('apply -f -', MANIFESTS))
        .split('\n')
        .filter(Boolean)
        .every(line => line.endsWith(' unchanged')),
    )
    assert.equal(JSON.parse(await hark('get listeners db.orders -o json')).spec.port, 2)
    assert.equal(JSON.parse(await hark(`get listeners ${LONG} -o json`)).spec.port, 3)
    assert.equal(JSON.parse(await hark('get connectors db.orders -o json')).spec.port, 4)
    assert.match(await hark('describe listener db.orders'), /^Name: +db\.orders$/m)
    assert.match(await hark(`timeline listener ${LONG}`), /No router attached/)
  })

  it('are distinct from their prefixes', async () => {
    const events = JSON.parse(await hark('history listener db -o json')) as { stream: string }[]
    assert.deepEqual([...new Set(events.map(({ stream }) => stream))], ['listener-west.db'])
    const entities = (JSON.parse(await hark('router-config')) as [string, { name: string }][]).map(
      ([, { name }]) => name,
    )
    for (const name of ['listener/db', 'listener/db.orders', `listener/${LONG}`, 'connector/db.orders'])
      assert.ok(entities.includes(name), name)
  })

  it('are complete in an audit report', async () => {
    const { summary } = JSON.parse(await hark('audit report -o json')) as {
      summary: { availability: { name: string }[] }
    }
    assert.deepEqual(
      summary.availability.map(({ name }) => name),
      ['db', 'db.orders', LONG],
    )
    const found = JSON.parse(await hark('audit report -o json --resource listener/db.orders'))
    assert.deepEqual(
      found.entries.map(({ resource }: { resource: { name: string } }) => resource.name),
      ['db.orders'],
    )
  })

  it('are deleted without their prefixes', async () => {
    await hark('delete listener db.orders')
    const { items } = JSON.parse(await hark('get listeners -o json')) as { items: { metadata: { name: string } }[] }
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['db', LONG],
    )
  })
})
