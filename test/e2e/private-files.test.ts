import assert from 'node:assert/strict'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runInProcess } from '../cli/hark.ts'
import { ServedHark } from '../support/process/served-hark.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

/** The public key may be readable. */
const isPublic = (name: string): boolean => name === 'signing-key.pub.pem'

describe('files of Hark', () => {
  const umask = process.umask()
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const data = () => join(folder.path, 'data')
  const mode = (...names: string[]): number => statSync(join(data(), ...names)).mode & 0o777
  const assertPrivate = (): void => {
    const names = readdirSync(data())
    assert.ok(names.length > 4, names.join())
    for (const name of names) assert.equal(mode(name), isPublic(name) ? 0o644 : 0o600, name)
  }

  before(async () => {
    folder = await scratchFolder()
    process.umask(0)
  })
  after(async () => {
    process.umask(umask)
    await folder[Symbol.asyncDispose]()
  })

  it('are readable by their owner only, whatever the umask', async () => {
    await using hark = await ServedHark.start(['--data', data()])
    await hark.ready()
    assert.equal(mode(), 0o700)
    assertPrivate()
    const { status, stderr } = await runInProcess(['create', 'listener', 'a', '8080', '--server', hark.url])
    assert.equal(status, 0, stderr)
    assertPrivate()
    await hark.stop()
  })

  it('lose the permissions that an older Hark gave to others', async () => {
    for (const name of readdirSync(data())) if (name.endsWith('.db')) chmodSync(join(data(), name), 0o644)
    await using hark = await ServedHark.start(['--data', data()])
    await hark.ready()
    assertPrivate()
    await hark.stop()
  })

  it('are created for their owner only by hark export', async () => {
    const file = join(folder.path, 'log.jsonl')
    const { status, stderr } = await runInProcess(['export', file, '--data', data()])
    assert.equal(status, 0, stderr)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })
})
