import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '../../src/lib/worker-rpc.ts'

interface Target {
  slow(): string
  quick(): string
  failing(): never
}

const MODULE = `
  import { setImmediate } from 'node:timers/promises'
  import { serve } from ${JSON.stringify(new URL('../../src/lib/worker-rpc.ts', import.meta.url).href)}
  const ended = []
  serve({
    async slow() { await setImmediate(); ended.push('slow'); return ended.join() },
    quick() { ended.push('quick'); return ended.join() },
    async failing() { await setImmediate(); throw Object.assign(new Error('corrupted'), { errcode: 11 }) },
  })`

const connected = () =>
  connect<Target>(new URL(`data:text/javascript,${encodeURIComponent(MODULE)}`), undefined, error => {
    throw error
  })

test('connect › calls run one after the other, also if one takes several turns', async () => {
  const { remote, end } = connected()
  assert.deepEqual(await Promise.all([remote.slow(), remote.quick()]), ['slow', 'slow,quick'])
  await end()
})

test('connect › a call that rejects later gives its error, and the next one runs', async () => {
  const { remote, end } = connected()
  const [failed, quick] = await Promise.allSettled([remote.failing(), remote.quick()])
  await end()
  assert.equal(failed.status, 'rejected')
  assert.deepEqual([failed.reason.name, failed.reason.message, failed.reason.errcode], ['RemoteError', 'corrupted', 11])
  assert.deepEqual(quick, { status: 'fulfilled', value: 'quick' })
})
