import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Client, type Operation } from '../../src/cli/client/client.ts'
import { EXIT } from '../../src/cli/errors.ts'
import { waitUntilReady } from '../../src/cli/resources/wait.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { TestEngine } from './engine.ts'

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

const about = (name: string) => ({ namespace: 'west', name })

describe('bisect', () => {
  it('ignores changes of an earlier listener of the same name', async () => {
    await engine.createListener('west', 'twice')
    for (let port = 2; port <= 20; port += 1) await engine.execute('UpdatePort', { ...about('twice'), port })
    await engine.execute('DeleteListener', about('twice'))
    const uid = await engine.createListener('west', 'twice', 100)
    await engine.execute('UpdatePort', { ...about('twice'), port: 101 })
    const command = 'bisect -n west --listener twice --where generation>=2 -o json'
    const { stdout, stderr } = await engine.hark(command)
    assert.equal(stderr, '')
    const { data, type } = JSON.parse(stdout).event
    assert.deepEqual([type, data.uid, data.port, data.generation], ['PortUpdated', uid, 101, 2])
  })
})

/** Runs work after a query, before its caller receives the result. */
class InterruptedClient extends Client {
  #interrupt: (() => Promise<unknown>) | undefined

  constructor(url: string, interrupt: () => Promise<unknown>) {
    super(new URL(url))
    this.#interrupt = interrupt
  }

  override async request<Data, Variables extends object>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const answer = await super.request(operation, variables)
    const interrupt = this.#interrupt
    this.#interrupt = undefined
    await interrupt?.()
    return answer
  }
}

describe('waitUntilReady', () => {
  it('times out with `deleted` for a listener that is deleted meanwhile', async () => {
    await engine.createListener('west', 'fleeting')
    const client = new InterruptedClient(engine.url, () => engine.execute('DeleteListener', about('fleeting')))
    await assert.rejects(waitUntilReady(client, [{ kind: 'Listener', ...about('fleeting') }], 3000), error => {
      const { status, message } = error as Error & { status: number }
      assert.equal(status, EXIT.timedOut)
      assert.match(message, /fleeting in namespace west was not Ready within 3 s: deleted$/)
      return true
    })
  })
})
