import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { until } from '../../support/test-engine.ts'
import { TestEngine } from '../engine.ts'
import { runInProcess } from '../hark.ts'

const CHANGES = 60
const TIME = String.raw`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z`

/** Returns a time before the changes; the clock is past the last event. */
const change = async (engine: TestEngine): Promise<string> => {
  await engine.createListener('default', 'backend')
  const begin = Date.now()
  await until(() => Date.now() > begin)
  const time = Date.now()
  await until(() => Date.now() > time)
  for (let port = 2; port <= CHANGES; port += 1)
    await engine.execute('UpdatePort', { namespace: 'default', name: 'backend', port })
  const end = Date.now()
  await until(() => Date.now() > end)
  return new Date(time).toISOString()
}

const withEngine = async (data: string, work: (engine: TestEngine) => Promise<void>): Promise<void> => {
  const engine = await TestEngine.start(data)
  try {
    await work(engine)
  } finally {
    await engine.close()
  }
}

const portAt = (engine: TestEngine, time: string) =>
  engine.hark(`get listener backend -o jsonpath={.spec.port} --at ${time}`)

describe('hark compact', () => {
  test('removes old history of a running engine, which then names the moment from which on states are known', async () => {
    await using folder = await scratchFolder()
    const data = folder.path
    await withEngine(data, async engine => {
      const time = await change(engine)
      assert.equal((await portAt(engine, time)).stdout, '1\n')

      const dry = await engine.hark('compact --older-than 0s --dry-run')
      assert.equal(dry.status, 0)
      assert.match(
        dry.stderr,
        new RegExp(
          String.raw`^\d+ versions of resources \(about \d+ kB\) would be removed; states would be known from ${TIME} on\.\n$`,
        ),
      )
      assert.equal((await portAt(engine, time)).stdout, '1\n')

      const { status, stderr } = await engine.hark('compact --older-than 0s')
      assert.equal(status, 0)
      assert.match(
        stderr,
        new RegExp(
          String.raw`^\d+ versions of resources \(about \d+ kB\) are removed; states are known from ${TIME} on\.\n` +
            String.raw`read-models\.db keeps its size and uses the space for new history\.\n$`,
        ),
      )
      const { status: failed, stderr: message } = await portAt(engine, time)
      assert.equal(failed, 1)
      assert.match(
        message,
        new RegExp(
          String.raw`^Error from server \(BadRequest\): the history before ${TIME} \(position \d{16}\) was removed by a compaction: choose a later moment, or read the log itself, as hark timeline does with --store\n$`,
        ),
      )
      const timeline = ['timeline', 'listener', 'backend', '--from', time]
      assert.match((await engine.hark(timeline)).stderr, /was removed by a compaction/)
      for (const format of ['table', 'json', 'md', 'html']) {
        const report = await engine.hark(['audit', 'report', '-o', format])
        assert.deepEqual([report.status, report.stdout], [1, ''], format)
        assert.match(report.stderr, /was removed by a compaction/)
      }
      const begins = new RegExp(String.raw`^The history begins at ${TIME}: a compaction removed earlier states\.$`, 'm')
      const replayed = await engine.hark('replay --listener backend')
      assert.deepEqual([replayed.status, begins.test(replayed.stderr)], [0, true], replayed.stderr)
      for (const where of [`port=${CHANGES}`, 'generation>=2']) {
        const { stderr } = await engine.hark(['bisect', '--listener', 'backend', '--where', where])
        assert.match(stderr, begins)
        assert.match(stderr, /held already when the window began/)
      }
      assert.match((await engine.hark('audit report -o jsonl')).stdout, /ListenerCreated|create/)
      const recorded = await engine.hark('audit report --action compact -o csv')
      assert.match(recorded.stdout, /anonymous.*removed the history of states before/)
      const ofLog = await runInProcess([...timeline, '--store', `sqlite:${join(data, 'events.db')}`])
      assert.equal(ofLog.status, 0, ofLog.stderr)
      const { stdout } = await engine.hark('get listener backend -o jsonpath={.spec.port}')
      assert.equal(stdout, `${CHANGES}\n`)
      assert.match((await engine.hark('history listener backend')).stdout, /ListenerCreated/)
    })
    const verified = await runInProcess(['verify', '--data', data])
    assert.equal(verified.status, 0, verified.stderr)
  })

  test('leaves the explanation and the timeline of the present', async () => {
    await using folder = await scratchFolder()
    await withEngine(folder.path, async engine => {
      await change(engine)
      const why = async () => JSON.parse(await engine.done('why listener backend -o json'))
      const before = await why()
      assert.equal((await engine.hark('compact --older-than 0s')).status, 0)
      const { cause, summary, ...known } = await why()
      const { cause: _, summary: __, ...expected } = before
      assert.deepEqual(known, expected)
      assert.equal(cause, null)
      assert.match(summary, new RegExp(`States are known from ${TIME} on: hark why --store names the event`))
      const { intervals } = JSON.parse(await engine.done('timeline listener backend -o json'))
      assert.deepEqual(
        intervals.map(({ status, to }: { status: string; to: string | null }) => [status, to]),
        [['False', null]],
      )
    })
  })

  test('compacts and shrinks the read models of a stopped engine, and rebuild brings the history back', async () => {
    await using folder = await scratchFolder()
    const data = folder.path
    const compacting = () => runInProcess(['compact', '--older-than', '0s', '--data', data])
    let time = ''
    await withEngine(data, async engine => {
      time = await change(engine)
      // Answered by the thread that has opened the file.
      assert.equal((await portAt(engine, time)).stdout, '1\n')
      const { status, stderr } = await compacting()
      assert.equal(status, 1)
      assert.match(stderr, /^error: a running engine has \S+read-models\.db: leave out --data, and it compacts/)
    })

    const file = join(data, 'read-models.db')
    const { size } = statSync(file)
    const { status, stderr } = await compacting()
    assert.equal(status, 0, stderr)
    assert.match(stderr, /\nread-models\.db had \d+ kB and has \d+ kB\.\n$/)
    assert.ok(statSync(file).size < size)
    assert.match((await compacting()).stderr, /^There is nothing to remove before \S+\.\n$/)
    const age = await runInProcess(['compact', '--older-than', '999999999w', '--data', data])
    assert.equal(age.status, 0)
    assert.match(age.stderr, /^There is nothing to remove before \S+\.\n$/)
    assert.equal((await runInProcess(['verify', '--data', data])).status, 0)

    await withEngine(data, async engine =>
      assert.match((await portAt(engine, time)).stderr, /was removed by a compaction/),
    )
    assert.equal((await runInProcess(['rebuild', '--data', data])).status, 0)
    await withEngine(data, async engine => assert.equal((await portAt(engine, time)).stdout, '1\n'))
  })

  test('rejects an age that cannot be read, and a folder without read models', async () => {
    await using folder = await scratchFolder()
    const wrong = await runInProcess(['compact', '--older-than', 'May'])
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /must be an age such as 90d, 12w or 36h/)
    const absent = await runInProcess(['compact', '--older-than', '1d', '--data', folder.path])
    assert.equal(absent.status, 1)
    assert.match(absent.stderr, /^error: there is no \S+read-models\.db: the engine has not run with this folder\n$/)
  })
})
