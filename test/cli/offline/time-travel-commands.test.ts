import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { RunningHark } from '../../support/running-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { run, runInProcess } from '../hark.ts'

const SCOPE = ['-n', 'west']
const BACKEND = [...SCOPE, '--listener', 'backend']

/** The output of the commands for the same log, from any reader. */
interface Source {
  readonly name: string
  readonly args: () => readonly string[]
}

describe('time travel', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let hark: RunningHark
  /** After each of the steps. */
  const positions: string[] = []
  const at = (step: number): string => positions[step] as string
  const file = () => join(folder.path, 'log.jsonl')
  const data = () => ['--data', folder.path]

  before(async () => {
    folder = await scratchFolder()
    hark = await RunningHark.start(['--data', folder.path])
    await hark.ready()
    for (const args of [
      ['create', 'listener', 'backend', '8080'],
      ['create', 'connector', 'backend', '8080', '--host', 'server'],
      ['update', 'listener', 'backend', '--port', '9090'],
      ['create', 'listener', 'other', '5000'],
      ['update', 'listener', 'backend', '--port', '9091'],
      ['delete', 'listener', 'backend'],
    ]) {
      const { status, stderr } = await runInProcess([...args, ...SCOPE, '--server', hark.url])
      assert.equal(status, 0, stderr)
      positions.push((await hark.graphql('{ head }')).data.head)
    }
  })
  after(async () => {
    await hark.kill()
    await folder[Symbol.asyncDispose]()
  })

  const sources: readonly Source[] = [
    { name: 'a live engine', args: () => ['--server', hark.url] },
    { name: 'a store', args: () => ['--store', `sqlite:${join(folder.path, 'events.db')}`] },
    { name: 'an exported log', args: () => ['--store', file()] },
  ]

  for (const [place, { name, args }] of sources.entries()) {
    describe(`from ${name}`, () => {
      const cli = (...given: string[]) => runInProcess([...given, ...args()])

      if (place === 1) {
        before(async () => {
          await hark.kill()
          assert.equal((await runInProcess(['export', file(), ...data()])).status, 0)
        })
      }

      it('replay shows what each event changed', async () => {
        const { stdout, status } = await cli('replay', ...BACKEND)
        assert.equal(status, 0)
        const events = stdout.split('\n\n').map(block => /^\S+ {2}(\w+)/.exec(block)?.[1])
        assert.deepEqual(events, [
          'ListenerCreated',
          'ConnectorCreated',
          'PortUpdated',
          'PortUpdated',
          'ListenerDeleted',
        ])
        assert.match(stdout, /^ {4}- port: 8080\n {4}\+ port: 9090$/m)
        assert.match(
          stdout,
          /^ {2}router configuration\n {4}tcpListener listener\/backend\n {6}- port: 8080\n {6}\+ port: 9090$/m,
        )
        assert.match(stdout, /^ {2}listener backend \(deleted\)$/m)
      })

      it('replay accepts a window and prints JSON and YAML', async () => {
        const { stdout } = await cli('replay', ...SCOPE, '--from', at(3), '--to', at(4), '-o', 'json')
        const changes = JSON.parse(stdout)
        const printed = changes.map(({ event, listeners, added }: never) => [
          (event as { type: string }).type,
          (listeners as { name: string }[]).map(({ name }) => name),
          (added as { name: string }[]).map(({ name }) => name),
        ])
        assert.deepEqual(printed, [
          ['ListenerCreated', ['other'], ['listener/other']],
          ['PortUpdated', ['backend'], []],
        ])
      })

      it('diff compares two moments', async () => {
        const { stdout } = await cli('diff', ...BACKEND, '--from', at(1), '--to', at(4))
        assert.match(
          stdout,
          /^listener backend\n {2}- generation: 1\n {2}\+ generation: 3\n {2}- port: 8080\n {2}\+ port: 9091$/m,
        )
        assert.doesNotMatch(stdout, /other/)
        const same = await cli('diff', ...SCOPE, '--from', at(1), '--to', at(1))
        assert.deepEqual([same.stdout, same.stderr], ['', 'No differences.\n'])
      })

      for (const [where, step, type] of [
        ['port=9090', 2, 'PortUpdated'],
        ['port!=8080', 2, 'PortUpdated'],
        ['generation>=3', 4, 'PortUpdated'],
        ['ready.message=No router attached', 0, 'ListenerCreated'],
      ] as const) {
        it(`bisect finds ${where}`, async () => {
          const { stdout, stderr, status } = await cli(
            'bisect',
            ...BACKEND,
            '--where',
            where,
            '--to',
            at(4),
            '-o',
            'json',
          )
          assert.equal(status, 0, stderr)
          const { event } = JSON.parse(stdout)
          assert.deepEqual([event.position, event.type], [at(step), type])
        })
      }

      it('bisect finds a deletion with its actor and changes', async () => {
        const { stdout } = await cli('bisect', ...BACKEND, '--where', 'exists=false', '--from', at(0))
        assert.match(stdout, /^\S+ {2}ListenerDeleted listener\/backend$/m)
        assert.match(stdout, /^position \d+, by anonymous$/m)
        assert.match(stdout, /tcpListener listener\/backend \(deleted\)/)
      })

      it('bisect reports a predicate that never held, or always did', async () => {
        const never = await cli('bisect', ...BACKEND, '--where', 'port=1')
        assert.equal(never.status, 1)
        assert.match(never.stderr, /did not hold in the window/)
        const before = await cli('bisect', ...BACKEND, '--where', 'port=8080', '--from', at(1))
        assert.equal(before.status, 1)
        assert.match(before.stderr, /held already when the window began/)
      })

      it('why explains a listener that is not Ready, with its last change', async () => {
        const { stdout, stderr, status } = await cli('why', 'listener', 'backend', ...SCOPE, '--at', at(2))
        assert.equal(status, 0, stderr)
        assert.match(
          stdout,
          /^Listener backend in namespace west is not Ready \(False, Pending\) since \S+Z\. Configured is False: No router attached\. It began with ListenerCreated at position \d+ by anonymous \(routing key backend, backend:8080\)\./,
        )
        assert.match(stdout, /Attach the router: hark serve --router west=amqp:\/\/HOST\.\n/)
        assert.match(stdout, /^ {2}\S+Z +\d+ +listener\/backend +PortUpdated +anonymous +port 8080 → 9090$/m)
        assert.doesNotMatch(stdout, /9091/)
      })

      it('why reports who deleted a listener, and one that never existed', async () => {
        const { stdout, status } = await cli('why', 'listener', 'backend', ...SCOPE, '-o', 'json')
        assert.equal(status, 0)
        const found = JSON.parse(stdout)
        assert.deepEqual([found.status, found.cause.position], ['Deleted', at(5)])
        const never = await cli('why', 'listener', 'nothing', ...SCOPE)
        assert.equal(never.status, 1)
        assert.match(never.stderr, /listener nothing never existed in namespace west/)
      })

      it('timeline prints SVG and HTML', async () => {
        const window = ['timeline', 'listener', 'backend', ...SCOPE, '--to', at(4)]
        const svg = await cli(...window, '-o', 'svg')
        assert.match(
          svg.stdout,
          /^<svg [\s\S]*<title>\S+: False \(Pending\): No router attached<\/title>[\s\S]*<\/svg>\n$/,
        )
        const html = await cli(...window, '-o', 'html')
        assert.match(html.stdout, /^<!doctype html>[\s\S]*<svg[\s\S]*<td>No router attached<\/td>/)
        assert.doesNotMatch(html.stdout, /<script|http(?!:\/\/www\.w3\.org\/2000\/svg)/)
      })
    })
  }

  describe('offline commands', () => {
    it('verify finds no fault in an intact log', async () => {
      // The engine was killed: what its read models lack they get at the next start.
      const { status, stderr } = await runInProcess(['verify', ...data()])
      assert.equal(status, 0, stderr)
      assert.match(stderr, /No faults found/)
    })

    it('rebuild restores missing and wrong read models', async () => {
      const built = await runInProcess(['rebuild', ...data()])
      assert.equal(built.status, 0, built.stderr)
      const again = await runInProcess(['rebuild', '--verify', ...data()])
      assert.match(again.stderr, /^No row differed\.$/m)

      const models = new DatabaseSync(join(folder.path, 'read-models.db'))
      models.exec(
        "UPDATE rows SET row = replace(row, '5000', '5001') WHERE model LIKE 'listener-status%' AND key = 'listener-west.other'",
      )
      models.close()
      const found = await runInProcess(['verify', ...data()])
      assert.equal(found.status, 1)
      assert.match(
        found.stdout,
        /^listener-status@\d+ listeners listener-west\.other: the row does not follow from the log$/m,
      )
      const compared = await runInProcess(['rebuild', '--verify', ...data()])
      assert.match(compared.stdout, /listeners listener-west\.other: the row does not follow from the log/)
      assert.equal((await runInProcess(['verify', ...data()])).status, 0)
    })

    it('verify reports invalid events', async () => {
      const log = new DatabaseSync(join(folder.path, 'events.db'))
      log.exec("UPDATE events SET data = replace(data, '9091', '\"high\"') WHERE type = 'PortUpdated'")
      log.exec("DELETE FROM events WHERE type = 'ConnectorCreated'")
      log.close()
      const { status, stdout } = await runInProcess(['verify', ...data()])
      assert.equal(status, 1)
      assert.match(stdout, /^listener-west\.backend revision 2 \(position \d+\): data\.port: /m)
    })

    it('export and import report errors', async () => {
      const none = await runInProcess(['export', join(folder.path, 'none.jsonl'), '--data', join(folder.path, 'none')])
      assert.deepEqual([none.status, none.stdout], [1, ''])
      assert.match(none.stderr, /there is no event log/)
      const missing = await runInProcess(['import', join(folder.path, 'missing.jsonl'), ...data()])
      assert.match(missing.stderr, /does not exist/)
    })

    it('import fills an empty store', async () => {
      const home = ['--data', join(folder.path, 'home')]
      assert.equal((await runInProcess(['import', file(), ...home])).status, 0)
      const copy = join(folder.path, 'copy.jsonl')
      assert.equal((await runInProcess(['export', copy, ...home])).status, 0)
      assert.equal(await readFile(copy, 'utf8'), await readFile(file(), 'utf8'))
      const store = ['--store', `sqlite:${join(folder.path, 'home', 'events.db')}`]
      const { stdout } = await runInProcess(['audit', 'report', '--action', 'import', '-o', 'jsonl', ...store])
      const { via, actor, resource, words } = JSON.parse(stdout)
      assert.deepEqual([via, actor, resource.name], ['import', userInfo().username, 'log.jsonl'])
      assert.match(words, /^imported \d+ events$/)
      assert.equal((await runInProcess(['import', file(), ...home])).status, 0)
      await appendFile(copy, 'cut')
      assert.equal((await runInProcess(['export', copy, ...home])).status, 0)
      assert.equal(await readFile(copy, 'utf8'), await readFile(file(), 'utf8'))
    })
  })

  it('processes that read a log end', async () => {
    const { status, stdout, stderr } = await run([
      'diff',
      ...BACKEND,
      '--from',
      at(1),
      '--to',
      at(4),
      '--store',
      file(),
    ])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^ {2}\+ port: 9091$/m)
  })

  it('replay --step requires a terminal', async () => {
    const { status, stderr } = await runInProcess(['replay', ...SCOPE, '--step', '--store', file()])
    assert.equal(status, 2)
    assert.match(stderr, /needs a terminal/)
  })
})
