import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { after, afterEach, before, describe, it } from 'node:test'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from './engine.ts'
import { Output } from './hark.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>
const watchers: ChildProcess[] = []

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
})
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.kill()
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

const watch = (command: string) => {
  const child = engine.startHark(command)
  watchers.push(child)
  return { child, stdout: new Output(child.stdout!), stderr: new Output(child.stderr!) }
}

describe('get -w', () => {
  it('prints all listeners, then every change', async () => {
    await engine.createListener('changes', 'a')
    const { stdout } = watch('get listeners -n changes -w')
    await stdout.until(/^NAME .*\na +Pending +a +a +1 +0 .*\n/)
    await engine.execute('UpdatePort', { namespace: 'changes', name: 'a', port: 2 })
    await stdout.until(/^a +Pending +a +a +2 +0 .*\n/m)
    await engine.createListener('changes', 'b')
    await stdout.until(/^b +Pending +b +b +1 +0 .*\n/m)
    await engine.execute('DeleteListener', { namespace: 'changes', name: 'a' })
    await stdout.until(/^a +Deleted +a +a +2 +0 .*\n/m)
    assert.equal(stdout.text.trimEnd().split('\n').length, 5)
  })

  it('starts with an empty namespace', async () => {
    const { stdout, stderr } = watch('get listeners -n nothing -w')
    await stderr.until(/^No listeners found in namespace nothing\.\n/)
    await engine.createListener('nothing', 'a')
    await stdout.until(/^NAME .*\na +Pending/)
  })

  it('prints changes of one listener as lines of JSON', async () => {
    await engine.createListener('one', 'a')
    await engine.createListener('one', 'b')
    const { stdout } = watch('get listener a -n one -w -o json')
    await stdout.until(/\n/)
    await engine.execute('DeleteListener', { namespace: 'one', name: 'b' })
    await engine.execute('DeleteListener', { namespace: 'one', name: 'a' })
    await stdout.until(/"deletionTimestamp":.*\n/)
    const [first, gone, ...more] = stdout.text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.deepEqual([first.metadata.name, gone.metadata.name, more], ['a', 'a', []])
    assert.equal(first.metadata.deletionTimestamp, undefined)
  })

  it('prints connectors whose status changes with listeners', async () => {
    await engine.createConnector('links', 'c')
    const { stdout } = watch('get connectors -n links -w')
    await stdout.until(/^c +Pending +c +c +<none> +1 +false .*\n/m)
    await engine.createListener('links', 'c')
    await stdout.until(/^c +Pending +c +c +<none> +1 +true .*\n/m)
    await engine.execute('DeleteConnector', { namespace: 'links', name: 'c' })
    await stdout.until(/^c +Deleted/m)
  })

  it('prints sites whose router changes', async () => {
    await engine.execute('ApplySite', { namespace: 'place', name: 's', spec: {} })
    const { stdout } = watch('get sites -n place -w')
    await stdout.until(/^s +Detached +No router attached\n/m)
    await engine.routerReports('place', [
      { type: 'RouterAttached', data: { namespace: 'place', url: 'amqp://router' } },
    ])
    await stdout.until(/^s +Connecting +Connecting\n/m)
  })

  it('continues after a restart of the engine, with the changes in between', async () => {
    await engine.createListener('restart', 'gone')
    await engine.createListener('restart', 'kept')
    const { stdout, stderr } = watch('get listeners -n restart -w')
    await stdout.until(/^kept +Pending/m)
    const { port } = engine
    await engine.close()
    await stderr.until(/^The connection to \S+ is lost \(.+\): trying again\.\n/)

    const meanwhile = await TestEngine.start(folder.path)
    await meanwhile.execute('DeleteListener', { namespace: 'restart', name: 'gone' })
    await meanwhile.execute('UpdatePort', { namespace: 'restart', name: 'kept', port: 2 })
    await meanwhile.close()

    engine = await TestEngine.start(folder.path, port)
    await stdout.until(/^gone +Deleted/m)
    await stdout.until(/^kept +Pending +kept +kept +2 /m)
    await stderr.until(/Connected to \S+ again\.\n$/)
    await engine.execute('UpdatePort', { namespace: 'restart', name: 'kept', port: 3 })
    await stdout.until(/^kept +Pending +kept +kept +3 /m)
    assert.equal(stdout.text.trimEnd().split('\n').length, 6)
  })
})
