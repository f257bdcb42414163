import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, afterEach, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { Output } from '../hark.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>
const followers: ChildProcess[] = []

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
})
afterEach(() => {
  for (const follower of followers.splice(0)) follower.kill()
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const done = (command: string | readonly string[]): Promise<string> => engine.done(command)

describe('wait', () => {
  it('returns at once if the expectation is met', async () => {
    await engine.createListener('met', 'a', 80)
    await engine.createListener('met', 'b', 81)
    await engine.execute('ApplySite', { namespace: 'met', name: 's', spec: {} })
    const both = 'listener.skupper.io/a condition met\nlistener.skupper.io/b condition met\n'
    assert.equal(await done('wait listeners -n met --for=condition=ready=FALSE'), both)
    assert.equal(
      await done('wait lnr/a -n met --for=jsonpath={.spec.port}=80'),
      'listener.skupper.io/a condition met\n',
    )
    assert.equal(await done('wait lnr/a -n met --for=create'), 'listener.skupper.io/a created\n')
    assert.equal(await done('wait lnr/ghost -n met --for=delete'), 'listener.skupper.io/ghost deleted\n')
    const site = 'wait site/s -n met --for=jsonpath={.status.router.connection}=Detached'
    assert.equal(await done(site), 'site.skupper.io/s condition met\n')
  })

  it('returns when a change meets the expectation', async () => {
    await engine.createListener('later', 'a', 80)
    const port = done('wait listener a -n later --for=jsonpath={.spec.port}=81')
    const matched = done('wait listener/a -n later --for=condition=Matched')
    const created = done('wait connector/c -n later --for=create')
    await engine.execute('UpdatePort', { namespace: 'later', name: 'a', port: 81 })
    await engine.execute('CreateConnector', {
      namespace: 'later',
      name: 'c',
      spec: { routingKey: 'a', host: 'a', port: 1 },
    })
    await Promise.all([port, matched, created])
    const gone = done('wait listener/a -n later --for=delete')
    await engine.execute('DeleteListener', { namespace: 'later', name: 'a' })
    assert.equal(await gone, 'listener.skupper.io/a deleted\n')
  })

  it('leaves out kinds without conditions unless they are named', async () => {
    await engine.createListener('kinds', 'a', 80)
    await engine.execute('ApplySite', { namespace: 'kinds', name: 's', spec: {} })
    for (const kinds of ['all', 'sites,listeners'])
      assert.deepEqual(await engine.hark(`wait ${kinds} -n kinds --for=condition=Ready=False`), {
        status: 0,
        stdout: 'listener.skupper.io/a condition met\n',
        stderr: 'sites have no conditions: not waiting for them\n',
      })
    for (const named of ['sites', 'site/s listener/a'])
      assert.deepEqual(await engine.hark(`wait ${named} -n kinds --for=condition=Ready`), {
        status: 2,
        stdout: '',
        stderr: 'error: sites have no conditions: use --for=jsonpath={PATH}=VALUE\n',
      })
  })

  it('exits with 4 and the last state if it waits in vain', async () => {
    await engine.createListener('vain', 'a', 80)
    const { status, stdout, stderr } = await engine.hark('wait listener/a -n vain --for=condition=Ready --timeout 50ms')
    assert.deepEqual([status, stdout], [4, ''])
    const message = 'listener.skupper.io/a in namespace vain was not Ready within 0.05 s: Pending: No router attached'
    assert.equal(stderr, `error: ${message}\n`)
  })

  it('rejects names that do not exist', async () => {
    const { status, stderr } = await engine.hark('wait listener/ghost -n vain --for=condition=Ready')
    assert.deepEqual(
      [status, stderr],
      [1, 'Error from server (NotFound): listener ghost not found in namespace vain\n'],
    )
  })
})

describe('--wait', () => {
  it('of create and update exits with 4 if the resource does not become Ready', async () => {
    for (const command of ['create listener w 80', 'update listener w --port 81', 'listener update w --port 81']) {
      const { status, stdout, stderr } = await engine.hark(`${command} -n wait --wait --timeout 50ms`)
      assert.equal(status, 4)
      assert.match(stdout, /^listener\.skupper\.io\/w (created|configured|unchanged)\n$/)
      assert.match(stderr, /was not Ready within 0\.05 s/)
    }
  })

  it('of delete returns when the resource is gone', async () => {
    await engine.createListener('wait', 'd', 80)
    assert.equal(await done('delete listener d -n wait --wait'), 'listener.skupper.io/d deleted\n')
  })
})

describe('history', () => {
  it('--tail prints the last events', async () => {
    for (const port of [1, 2, 3]) await engine.createListener('tail', `l${port}`, port)
    const events = JSON.parse(await done('history -n tail --tail 2 -o json')) as { data: { name: string } }[]
    assert.deepEqual(
      events.map(({ data }) => data.name),
      ['l2', 'l3'],
    )
  })

  it('-f continues with new events, also after a restart of the engine', async () => {
    await engine.createListener('follow', 'one', 1)
    await engine.createListener('follow', 'two', 2)
    const child = engine.startHark('history -n follow -f --tail 1')
    followers.push(child)
    const [stdout, stderr] = [new Output(child.stdout!), new Output(child.stderr!)]
    await stdout.until(/listener\/two +ListenerCreated/)
    await engine.createListener('follow', 'three', 3)
    await stdout.until(/listener\/three +ListenerCreated/)
    const { port } = engine
    await engine.close()
    await stderr.until(/is lost/)
    engine = await TestEngine.start(folder.path, port)
    await engine.createListener('follow', 'four', 4)
    await stdout.until(/listener\/four +ListenerCreated/)
    assert.doesNotMatch(stdout.text, /listener\/one/)
    assert.equal(stdout.text.match(/ListenerCreated/g)?.length, 3)
  })
})
