import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { startControllers } from '../../../src/controller/start.ts'
import { connectInOwnThread } from '../../../src/engine/history/recorder.ts'
import { WatchedRouters } from '../../../src/engine/history/watched-routers.ts'
import type { EventStore } from '../../../src/event-store/event-store.ts'
import { Health } from '../../../src/lib/health.ts'
import { createServer } from '../../../src/server/server.ts'
import { silentLogger } from '../../fakes/silent-logger.ts'
import { createListener } from '../../support/commands.ts'
import { TestEngine, until } from '../../support/test-engine.ts'

describe('engine health', () => {
  it('fails in every probe and metric when the thread of the read models ends', async () => {
    const started = once(process, 'worker') as Promise<[Worker]>
    await using test = await TestEngine.start({ connectHistory: connectInOwnThread })
    const [thread] = await started
    const server = createServer({ engine: test.engine, logger: silentLogger })
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    try {
      assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { alive: true })
      assert.match(await (await fetch(`${url}/metrics`)).text(), /^hark_healthy 1$/m)
      await thread.terminate()
      await until(() => test.engine.status().failed !== undefined)
      const health = await fetch(`${url}/healthz`)
      assert.equal(health.status, 503)
      assert.deepEqual(await health.json(), {
        alive: false,
        reasons: ['the thread that writes the read models has ended: the thread has ended'],
      })
      const readiness = await fetch(`${url}/readyz`)
      assert.equal(readiness.status, 503)
      assert.match(await readiness.text(), /the thread has ended/)
      assert.match(await (await fetch(`${url}/metrics`)).text(), /^hark_healthy 0$/m)
    } finally {
      await server.close()
    }
  })

  it('does not fail when the engine is closed', async () => {
    await using test = await TestEngine.start()
    const { engine } = test
    await test.run(createListener('a'))
    await test.stop()
    assert.equal(engine.status().failed, undefined)
  })

  it('fails when the subscription of the store ends', async () => {
    await using test = await TestEngine.start()
    const ending = (store: EventStore): EventStore =>
      new Proxy(store, {
        get: (target, property) => {
          if (property === 'subscribe') return async function* () {}
          const value = Reflect.get(target, property) as unknown
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    await assert.rejects(test.startAnother(ending), { name: 'ReadModelsStopped' })
  })

  it('fails when the controller of a router ends', async () => {
    await using test = await TestEngine.start()
    const health = new Health()
    const fatal: object[] = []
    const failing = (details: object): void => {
      if ('namespace' in details) throw new Error('a fault that was injected')
    }
    const driven = await startControllers({
      engine: { ...test.engine, whenReady: () => Promise.reject(new Error('another fault')) },
      store: test.store,
      watched: new WatchedRouters(undefined),
      routers: [{ namespace: 'west', url: 'amqp://127.0.0.1:1' }],
      logger: { ...silentLogger, error: failing, fatal: details => void fatal.push(details) },
      graceMs: 1000,
      health,
    })
    assert.equal(await health.failed, 'the controller of the router of west has ended')
    assert.equal(fatal.length, 1)
    await driven.close()
  })
})
