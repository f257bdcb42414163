import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SimulatedNetwork } from '../../src/simulator/network.ts'
import { runInProcess } from '../cli/hark.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { eventually } from '../support/eventually.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { seededRandom } from '../support/random.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const APPLY = 'mutation ($input: ApplyInput!) { apply(input: $input) { results { action } } }'
const READY = '{ listener(namespace: "west", name: "backend") { status { conditions { type status reason } } } }'
const AT = `query ($time: DateTime!) {
  listener(namespace: "west", name: "backend", at: { time: $time }) { status { status laneStatus conditions { type status reason } } }
}`
const RECORDED = `{ events(namespace: "west", first: 1000) { edges { node { type time data } } } }`
const QUERY = `query ($from: Moment!, $to: Moment!) {
  auditReport(from: $from, to: $to) { availability(first: 10) { edges { node { fractionReady fractionUnknown transitions } } } }
  listener(namespace: "west", name: "backend") {
    conditionTimeline(type: Ready, from: $from, to: $to) { fractionTrue intervals { status reason from to } }
  }
}`

interface Interval {
  readonly status: string
  readonly reason: string
  readonly from: string
  readonly to: string
}

const reasonsIn = ({ data }: Awaited<ReturnType<ServedHark['graphql']>>): string[] =>
  data.listener.status.conditions.map(({ status, reason }: { status: string; reason: string }) => `${status} ${reason}`)

const manifest = (kind: string, spec: object) => ({
  apiVersion: 'skupper.io/v2alpha1',
  kind,
  metadata: { name: 'backend', namespace: 'west' },
  spec: { routingKey: 'backend', host: 'localhost', ...spec },
})

test('status › is NotObserved after a kill: live, from the store, and for past moments', async () => {
  await using network = {
    network: new SimulatedNetwork({ random: seededRandom() }),
    async [Symbol.asyncDispose]() {
      await this.network.stop()
    },
  }
  const router = network.network.addRouter({ id: 'west' })
  await router.start()
  await using folder = await scratchFolder()
  const args = ['--data', folder.path, '--router', `west=${router.url}`]
  const store = `sqlite:${join(folder.path, 'events.db')}`
  const cli = async (...words: string[]) => {
    const { status, stdout, stderr } = await runInProcess([...words, '--store', store, '-o', 'json'])
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout)
  }

  await using first = await RunningHark.start(args)
  const manifests = [manifest('Listener', { port: await freePort() }), manifest('Connector', { port: 9090 })]
  assert.equal((await first.graphql(APPLY, { input: { manifests } })).errors, undefined)
  await eventually(async () => reasonsIn(await first.graphql(READY)).every(words => words === 'True Ready'))
  const readyAt = new Date().toISOString()
  // After it became Ready, so that the recorded moment is later.
  const lastWatched = async (): Promise<string> =>
    JSON.parse(await readFile(join(folder.path, 'watched.json'), 'utf8')).west.until
  await eventually(async () => (await lastWatched()) > readyAt)
  await first.kill()
  const since = await lastWatched()

  const alone = await cli('audit', 'report')
  assert.equal(alone.to, since)
  const tail = await cli('timeline', 'listener', 'backend', '-n', 'west')
  assert.deepEqual([tail.to, tail.intervals.at(-1).reason, tail.intervals.at(-1).to], [since, 'Ready', since])

  await using second = await ServedHark.start(args)
  await eventually(async () => reasonsIn(await second.graphql(READY)).every(words => words === 'True Ready'))
  const recorded = (await second.graphql(RECORDED)).data.events.edges.map(({ node }: { node: object }) => node)
  const gaps = recorded.filter(({ type }: { type: string }) => type === 'RouterUnobserved')
  assert.deepEqual(
    gaps.map(({ data }: { data: object }) => data),
    [{ namespace: 'west', since }],
  )
  const begun = gaps[0].time
  const back = recorded.findLast(({ type }: { type: string }) => type === 'RouterConnected').time
  assert.ok(since < begun && begun <= back)

  const middle = new Date((Date.parse(since) + Date.parse(begun)) / 2).toISOString()
  for (const time of [since, middle]) {
    const then = await second.graphql(AT, { time })
    assert.deepEqual(new Set(reasonsIn(then)), new Set(['Unknown NotObserved']))
    assert.equal(then.data.listener.status.status, 'Pending')
    assert.equal(then.data.listener.status.laneStatus, 'NotObserved')
  }
  const before = new Date(Date.parse(since) - 1).toISOString()
  assert.deepEqual(new Set(reasonsIn(await second.graphql(AT, { time: before }))), new Set(['True Ready']))

  const window = { from: { time: before }, to: { time: back } }
  const answer = (await second.graphql(QUERY, window)).data
  const intervals: Interval[] = answer.listener.conditionTimeline.intervals
  assert.deepEqual(
    intervals.map(({ reason, from, to }) => [reason, from, to]),
    [
      ['Ready', before, since],
      ['NotObserved', since, back],
    ],
  )
  assert.equal(answer.listener.conditionTimeline.fractionTrue, 1 / (Date.parse(back) - Date.parse(before)))
  const again = (await second.graphql(QUERY, window)).data
  assert.deepEqual(again, answer)
  await second.stop()

  const span = ['--from', before, '--to', back]
  const offline = await cli('timeline', 'listener', 'backend', '-n', 'west', ...span)
  assert.deepEqual(
    offline.intervals.map(({ reason, from, to }: Interval) => [reason, from, to]),
    intervals.map(({ reason, from, to }) => [reason, from, to]),
  )
  const report = await cli('audit', 'report', '-n', 'west', ...span)
  const [{ fractionReady, fractionUnknown, transitions }] = report.summary.availability
  assert.deepEqual([{ node: { fractionReady, fractionUnknown, transitions } }], answer.auditReport.availability.edges)
})
