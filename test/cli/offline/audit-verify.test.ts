import assert from 'node:assert/strict'
import { copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { KeyFiles } from '../../../src/integrity/keys/key-files.ts'
import type { HttpHark } from '../../support/process/http-hark.ts'
import { ServedHark } from '../../support/process/served-hark.ts'
import { RunningHark } from '../../support/running-hark.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { run, runInProcess } from '../hark.ts'

describe('hark audit', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const path = (name: string) => join(folder.path, name)
  const data = () => ['--data', folder.path]
  const audit = (...args: string[]) => runInProcess(['audit', ...args])
  const cli = async (hark: HttpHark, ...args: string[]): Promise<void> => {
    const { status, stderr } = await runInProcess([...args, '-n', 'west', '--server', hark.url])
    assert.equal(status, 0, stderr)
  }

  before(async () => {
    folder = await scratchFolder()
    await using hark = await ServedHark.start(data())
    await hark.ready()
    await cli(hark, 'create', 'listener', 'backend', '8080')
    await cli(hark, 'update', 'listener', 'backend', '--port', '9090')
    await cli(hark, 'update', 'listener', 'backend', '--port', '9091')
    await hark.stop()
  })
  after(() => folder[Symbol.asyncDispose]())

  it('verify › finds nothing in an intact log, which is signed once the engine has stopped', async () => {
    const before = await readdir(folder.path)
    const { status, stdout, stderr } = await run(['audit', 'verify', ...data()])
    assert.equal(status, 0, stderr)
    assert.equal(stdout, '')
    assert.deepEqual(await readdir(folder.path), before)
    assert.match(
      stderr,
      /^Verified \d+ events and 1 checkpoint\.\nSigned: \d+ events, by key [0-9a-f]{16} now\. Not signed yet: 1\.$/m,
    )
    assert.match(stderr, /No signed event was changed, removed, inserted or moved\.\n$/)
    assert.equal((await stat(path('signing-key.pem'))).mode & 0o777, 0o600)
  })

  it('report › states up to which position and by which key the log is signed', async () => {
    const { stdout, stderr } = await audit('report', '--store', `sqlite:${path('events.db')}`)
    const key = new KeyFiles(folder.path).read()?.public.id
    assert.match(stdout, new RegExp(`^Signed    all events before position \\d+, by key ${key} at \\S+Z$`, 'm'), stderr)
  })

  it('verify, prove and checkpoint › leave no trace in the data folder, as hark verify and hark export', async () => {
    const before = await readdir(folder.path)
    await using elsewhere = await scratchFolder()
    for (const args of [
      ['audit', 'verify'],
      ['audit', 'prove', '3'],
      ['audit', 'checkpoint'],
      ['verify'],
      ['export', join(elsewhere.path, 'log.jsonl')],
    ]) {
      const { status, stderr } = await runInProcess([...args, ...data()])
      assert.equal(status, 0, stderr)
      assert.deepEqual(await readdir(folder.path), before, args.join(' '))
    }
  })

  it('verify › uses the keys beside the store file, and exits with status 6 for keys of another log', async () => {
    const store = ['--store', `sqlite:${path('events.db')}`]
    await using other = await scratchFolder()
    await using hark = await ServedHark.start(['--data', other.path])
    await hark.ready()
    await hark.stop()
    const env = { HARK_DATA: other.path }
    assert.equal((await runInProcess(['audit', 'verify', ...store], { env })).status, 0)
    for (const args of [
      ['--data', other.path, ...store],
      ['--data', folder.path, '--store', `sqlite:${join(other.path, 'events.db')}`],
    ]) {
      const { status, stdout, stderr } = await audit('verify', ...args)
      assert.deepEqual([status, stdout], [6, ''])
      assert.match(
        stderr,
        /are not those of this log: the log is signed by key [0-9a-f]{16}, and key [0-9a-f]{16} is expected/,
      )
    }
    // Without the keys, the checkpoint file still identifies the log.
    await rm(join(other.path, 'signing-key.pem'))
    await rm(join(other.path, 'signing-key.pub.pem'))
    assert.equal((await audit('verify', '--data', other.path, ...store)).status, 6)
  })

  it('verify › exits with status 8 without a store, and with 7 while a process has it for itself', async () => {
    assert.equal((await audit('verify', '--data', path('nowhere'))).status, 8)
    await using other = await scratchFolder()
    const file = join(other.path, 'events.db')
    await copyFile(path('events.db'), file)
    const older = new DatabaseSync(file)
    older.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
    const { status, stderr } = await audit('verify', '--data', other.path)
    older.close()
    assert.equal(status, 7)
    assert.match(stderr, /is in use by another process/)
  })

  it('verify › prints the result with -o json', async () => {
    const { status, stdout } = await audit('verify', ...data(), '-o', 'json')
    assert.equal(status, 0)
    const { events, signedEvents, findings } = JSON.parse(stdout)
    assert.equal(signedEvents, events - 1)
    assert.deepEqual(findings, [])
  })

  it('verify, prove, checkpoint › read an exported log, and find a change in it', async () => {
    await using elsewhere = await scratchFolder()
    const file = join(elsewhere.path, 'backup.jsonl')
    assert.equal((await runInProcess(['export', file, ...data()])).status, 0)
    const key = ['--public-key', path('signing-key.pub.pem')]
    const intact = await audit('verify', '--store', file, ...key)
    assert.equal(intact.status, 0, intact.stderr)
    assert.match(intact.stderr, /^Verified \d+ events and 1 checkpoint\.$/m)
    for (const args of [['checkpoint'], ['prove', '3']])
      assert.equal((await audit(...args, '--store', file, ...data())).stdout, (await audit(...args, ...data())).stdout)
    await writeFile(file, (await readFile(file, 'utf8')).replace('"port":9090', '"port":9092'))
    const changed = await audit('verify', '--store', file, ...key)
    assert.equal(changed.status, 1, changed.stderr)
    assert.match(changed.stdout, /do not match checkpoint /)
    await writeFile(file, 'no log\n')
    assert.match((await audit('verify', '--store', file, ...key)).stderr, /^error: .*backup\.jsonl cannot be read: /)
    assert.equal((await audit('verify', '--store', join(elsewhere.path, 'none.jsonl'))).status, 8)
    assert.deepEqual(await readdir(elsewhere.path), ['backup.jsonl'])
  })

  it('prove › prints a proof that verifies with the public key alone, unless it is changed', async () => {
    const proven = await audit('prove', '3', ...data())
    assert.equal(proven.status, 0, proven.stderr)
    await using elsewhere = await scratchFolder()
    const [proof, key] = [join(elsewhere.path, 'proof.json'), join(elsewhere.path, 'key.pem')]
    await writeFile(proof, proven.stdout)
    await writeFile(key, await readFile(path('signing-key.pub.pem')))
    const verified = await audit('verify', '--proof', proof, '--public-key', key)
    assert.equal(verified.status, 0, verified.stderr)
    assert.match(verified.stderr, /, was in the log that was signed at /)

    await writeFile(proof, proven.stdout.replaceAll('8080', '8081'))
    const forged = await audit('verify', '--proof', proof, '--public-key', key)
    assert.equal(forged.status, 1)
    assert.match(forged.stderr, /is not valid: /)
  })

  it('verify › requires a signature of the key given with --public-key', async () => {
    await using home = await scratchFolder()
    const [whole, stripped] = [join(home.path, 'whole.jsonl'), join(home.path, 'stripped.jsonl')]
    assert.equal((await runInProcess(['export', whole, ...data()])).status, 0)
    const lines = (await readFile(whole, 'utf8')).split('\n')
    await writeFile(stripped, lines.filter(line => !line.includes('"stream":"audit-checkpoints"')).join('\n'))
    for (const [file, status] of [
      [whole, 0],
      [stripped, 1],
    ] as const) {
      const to = ['--data', join(home.path, `of-${status}`)]
      assert.equal((await runInProcess(['import', file, ...to])).status, 0)
      const verified = await audit('verify', ...to, '--public-key', path('signing-key.pub.pem'))
      assert.equal(verified.status, status, verified.stderr)
      if (status === 1) assert.match(verified.stdout, /the newest is not signed by key/)
    }
  })

  it('verify and prove › reject invalid arguments with status 2', async () => {
    for (const args of [
      ['prove', 'x'],
      ['prove', '-1'],
      ['verify', '--since', 'nothing-of-that-name'],
      ['verify', '--output', 'csv'],
      ['verify', '--proof', 'proof.json', '--since', 'kept.json'],
    ])
      assert.equal((await audit(...args, ...data())).status, 2, args.join(' '))
    assert.match((await audit('prove', '999', ...data())).stderr, /no proof of 999: there is no such event/)
    assert.match((await audit('verify', '--data', path('nowhere'))).stderr, /there is no event log/)
  })

  it('rotate-key › signs with a new key, and keeps earlier checkpoints valid for --since', async () => {
    const kept = await audit('checkpoint', ...data())
    await writeFile(path('kept.json'), kept.stdout)
    const rotated = await audit('rotate-key', ...data())
    assert.match(rotated.stderr, /^Key [0-9a-f]{16} signs the log from now on, instead of [0-9a-f]{16}\./)
    const id = /^Key (\S+)/.exec(rotated.stderr)?.[1]
    const unsigned = await audit('verify', ...data())
    assert.equal(unsigned.status, 0, unsigned.stdout)
    assert.match(
      unsigned.stderr,
      new RegExp(`^No checkpoint is signed with key ${id} yet: the engine signs the next one`, 'm'),
    )
    const required = await audit('verify', '--public-key', path('signing-key.pub.pem'), ...data())
    assert.equal(required.status, 1)
    assert.match(required.stdout, new RegExp(`no checkpoint is signed with key ${id} yet: start the engine`))
    await using hark = await RunningHark.start(data())
    await hark.ready()
    await cli(hark, 'update', 'listener', 'backend', '--port', '9092')
    // A killed engine leaves the newest events unsigned, which is not a fault.
    await hark.kill()
    const since = await audit('verify', '--since', path('kept.json'), ...data())
    assert.equal(since.status, 0, since.stdout + since.stderr)
    await using again = await ServedHark.start(data())
    await again.ready()
    await again.stop()
    const { stderr } = await audit('verify', ...data())
    assert.match(stderr, new RegExp(`by key ${id} now\\. Not signed yet: 1\\.`))
  })

  it('verify › prints the position of a changed event, and exits with status 1', async () => {
    const database = new DatabaseSync(path('events.db'))
    database.exec(`UPDATE events SET data = replace(data, '9090', '9999') WHERE type = 'PortUpdated'`)
    database.close()
    const { status, stdout, stderr } = await audit('verify', ...data())
    assert.equal(status, 1)
    assert.match(
      stdout,
      /^listener-west\.backend revision 1 \(position \d{16}\): its hash is not the one in revision 2 of the stream/m,
    )
    assert.match(stderr, /error: \d+ faults found/)
  })

  it('verify › reports a truncated log, also from a kept checkpoint', async () => {
    const database = new DatabaseSync(path('events.db'))
    database.exec(
      'DELETE FROM events WHERE position > 3; DELETE FROM stream_index; UPDATE stream_index_progress SET position = 0',
    )
    database.close()
    const { status, stdout } = await audit('verify', ...data())
    assert.equal(status, 1)
    assert.match(stdout, /^the end of the log: checkpoint .* is missing: the log was truncated/m)
    await rm(path('checkpoints.db'))
    assert.match(
      (await audit('verify', '--since', path('kept.json'), ...data())).stdout,
      /it is missing: the log was truncated or replaced/,
    )
  })
})
