import assert from 'node:assert/strict'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SimulatedNetwork } from '../../src/simulator/network.ts'
import { eventually } from '../support/eventually.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { seededRandom } from '../support/random.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { runInProcess } from './hark.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
const network = new SimulatedNetwork({ random: seededRandom() })

beforeEach(async () => {
  folder = await scratchFolder()
})
afterEach(async () => {
  await network.stop()
  await folder[Symbol.asyncDispose]()
})

const CREATE =
  'mutation { createListener(input: { namespace: "west", name: "a", spec: { routingKey: "a", host: "127.0.0.1", port: 1 } }) { position } }'

/** A data folder of a Hark that drove a router, and has ended; the router has what it was given. */
const used = async () => {
  const router = network.addRouter({ id: 'west' })
  await router.start()
  const args = ['--data', folder.path, '--checkpoint-seconds', '1', '--router', `west=${router.url}`]
  const hark = await ServedHark.start(args)
  await hark.ready()
  await hark.graphql(CREATE)
  const holds = () => router.entities('tcpListener').some(({ name }) => name === 'listener/a')
  await eventually(holds)
  await hark.stop()
  return { args, holds }
}

const inFolder = (name: string): string => join(folder.path, name)
const serve = (args: readonly string[]) => runInProcess(['serve', '--port', '0', ...args])

const LOSSES = {
  missing: () => rmSync(inFolder('events.db')),
  empty: () => writeFileSync(inFolder('events.db'), ''),
  'missing, and the read models with it': () => {
    rmSync(inFolder('events.db'))
    rmSync(inFolder('read-models.db'))
  },
} as const

describe('serve --new-log', () => {
  for (const [what, lose] of Object.entries(LOSSES)) {
    it(`is required if the log is ${what}; routers stay unchanged`, async () => {
      const { args, holds } = await used()
      lose()
      const { status, stderr } = await serve(args)
      assert.equal(status, 1)
      assert.match(stderr, /the event log is empty, though .*(read-models|checkpoints)\.db .*--new-log/)
      assert.equal(holds(), true)
      // The message stays: the missing log was not created.
      assert.equal((await serve(args)).status, 1)
      assert.equal(holds(), true)
    })
  }

  it('starts a new, signed log if the log is missing', async () => {
    const { args } = await used()
    LOSSES.missing()
    await using hark = await ServedHark.start([...args, '--new-log'])
    await hark.ready()
    const { data } = await hark.graphql('{ listeners { edges { node { metadata { name } } } } }')
    assert.deepEqual(data.listeners.edges, [])
    assert.equal((await hark.graphql(CREATE)).errors, undefined)
    await eventually(async () => (await hark.metric('hark_signing')) === 1)
    assert.equal(existsSync(inFolder('checkpoints.db.of-earlier-log')), true)
  })

  it('is not required for a log of keys and leases only', async () => {
    for (let start = 0; start < 2; start += 1) {
      const hark = await ServedHark.start(['--data', folder.path, '--checkpoint-seconds', '1'])
      await hark.ready()
      await eventually(async () => (await hark.metric('hark_last_checkpoint_timestamp_seconds')) > 0)
      await hark.stop()
      assert.equal(await hark.exitStatus(), 0)
    }
  })
})
