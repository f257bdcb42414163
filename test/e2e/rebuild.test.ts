import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInProcess } from '../cli/hark.ts'
import { eventually } from '../support/eventually.ts'
import { CREATE, createInput, type HttpHark } from '../support/process/http-hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const LISTENERS = 200
const REBUILD = `mutation ($input: RebuildReadModelsInput!) {
  rebuildReadModels(input: $input) { replacedAt next differenceCount }
}`
/** Slices that are answered before the engine is killed; the next one is under way then. */
const KILLED_AFTER = [0, 1, 2, 3]

const createAll = async (hark: HttpHark): Promise<void> => {
  const create = async (_: unknown, index: number): Promise<void> => {
    const { errors } = await hark.graphql(CREATE, { input: createInput(index) })
    assert.equal(errors, undefined)
  }
  await Promise.all(Array.from({ length: LISTENERS }, create))
}

const leftovers = (folder: string): readonly string[] =>
  readdirSync(folder).filter(name => /^read-models\.(new|old)\./.test(name))

const assertIntact = async (data: string): Promise<void> => {
  const { status, stderr, stdout } = await runInProcess(['verify', '--data', data])
  assert.equal(status, 0, `${stderr}${stdout}`)
  assert.match(stderr, /rows with their history checked/)
}

test('hark rebuild › leaves the old or the new read models when the engine is killed', async () => {
  await using folder = await scratchFolder()
  for (const answered of KILLED_AFTER) {
    await using hark = await RunningHark.start(['--data', folder.path])
    await hark.ready()
    assert.deepEqual(leftovers(folder.path), [])
    if (answered === KILLED_AFTER[0]) await createAll(hark)
    const { data: shown } = await hark.graphql('{ listeners(first: 1) { totalCount } }')
    assert.equal(shown.listeners.totalCount, LISTENERS)
    let after: string | null = null
    for (let slice = 0; slice < answered; slice += 1) {
      const { data, errors } = await hark.graphql(REBUILD, { input: { after, verify: true } })
      assert.equal(errors, undefined)
      after = data.rebuildReadModels.next
    }
    const last = hark.graphql(REBUILD, { input: { after, verify: true } }).catch(() => undefined)
    if (after === null) await eventually(() => leftovers(folder.path).length > 0)
    await hark.kill()
    await last
    await assertIntact(folder.path)
  }
})

/** Limits the size of files, so that writes fail as on a full disk. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:unlimited`])

const skip = spawnSync('prlimit', ['--version']).status !== 0 && 'no prlimit on this machine'

test('hark rebuild › leaves the read models as they are on a full disk', { skip }, async () => {
  await using folder = await scratchFolder()
  await using hark = await RunningHark.start(['--data', folder.path])
  await hark.ready()
  await createAll(hark)
  const file = join(folder.path, 'read-models.db')
  const { ino } = statSync(file)
  limitFiles(hark.pid, 4096)
  const full = await runInProcess(['rebuild', '--server', hark.url])
  assert.equal(full.status, 1)
  assert.match(
    full.stderr,
    /^Error from server \(ServiceUnavailable\): a file of the rebuild could not be written or read: .+; the read models stay as they are$/m,
  )
  assert.deepEqual(leftovers(folder.path), [])
  assert.equal(statSync(file).ino, ino)
  limitFiles(hark.pid, 'unlimited')
  const done = await runInProcess(['rebuild', '--server', hark.url, '--verify'])
  assert.equal(done.status, 0, done.stderr)
  assert.notEqual(statSync(file).ino, ino)
  // The engine has the new file for itself, as it had the old one.
  const offline = await runInProcess(['rebuild', '--data', folder.path])
  assert.match(offline.stderr, /^error: a running engine has \S+read-models\.db: /)
  await hark.stop()
  assert.equal(await hark.exitStatus(), 0)
  await assertIntact(folder.path)
})
