import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { SignedLog } from '../../support/signed-log.ts'
import { runInProcess } from '../hark.ts'

const isThere = (program: string): boolean => spawnSync(program, ['--help']).error === undefined
const missing = ['unzip', 'bash', 'openssl', 'sha256sum'].filter(program => !isThere(program))
const skip = missing.length > 0 && `without ${missing.join(', ')}`

describe('hark audit package', { skip }, () => {
  let log: SignedLog
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const path = (name: string): string => join(folder.path, name)
  const pack = (file: string, ...args: string[]) =>
    runInProcess(['audit', 'package', file, '--data', log.folder, ...args])
  const unpack = (file: string, into: string) => execFileSync('unzip', ['-q', file, '-d', into])
  const check = (into: string) => {
    const { status, stdout, stderr } = spawnSync('bash', [join(into, 'check.sh')], { encoding: 'utf8' })
    return { status, text: stdout + stderr }
  }

  before(async () => {
    folder = await scratchFolder()
    log = await SignedLog.create()
    await log.fill()
    const { status, stderr } = await pack(path('audit.zip'))
    assert.equal(status, 0, stderr)
    assert.match(stderr, /Wrote .*audit\.zip: a report and proofs of (\d+) of its \1 entries\.\n$/)
    unpack(path('audit.zip'), path('audit'))
  })
  after(async () => {
    await log[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  it('contains the report, and a proof of every entry that Hark and check.sh accept', async () => {
    const rows = (await readFile(path('audit/report.csv'), 'utf8')).trim().split('\r\n').slice(1)
    const proofs = await readdir(path('audit/proofs'))
    assert.equal(proofs.length, rows.length)
    for (const id of proofs)
      assert.ok(
        rows.some(row => row.includes(id)),
        id,
      )
    assert.match(await readFile(path('audit/report.html'), 'utf8'), /<h2>Statement<\/h2>/)
    assert.deepEqual(check(path('audit')), { status: 0, text: `Valid: ${rows.length} events.\n` })
    const [proof, key] = [path(`audit/proofs/${proofs[0]}/proof.json`), path('audit/public-key.pem')]
    const verified = await runInProcess(['audit', 'verify', '--proof', proof, '--public-key', key])
    assert.equal(verified.status, 0, verified.stderr)
  })

  it('is not valid after a change of an event, a path, a checkpoint or the key', async () => {
    const [proof = ''] = await readdir(path('audit/proofs'))
    const [checkpoint = ''] = (await readdir(path('audit/checkpoints'))).filter(name => name.endsWith('.json'))
    const other = await SignedLog.create()
    await other.run(async () => {})
    const foreignKey = await readFile(other.keys.publicKeyFile, 'utf8')
    await other[Symbol.asyncDispose]()
    const changes: Readonly<Record<string, (text: string) => string>> = {
      [`proofs/${proof}/event-1.json`]: text => text.replace(/"id":"./, '"id":"_'),
      [`proofs/${proof}/path.txt`]: text => text.replace(/^(left|right) ../, '$1 zz').replace('zz', '00'),
      [`checkpoints/${checkpoint}`]: text => text.replace(/"time":"2/, '"time":"3'),
      'public-key.pem': () => foreignKey,
    }
    for (const [index, [name, change]] of Object.entries(changes).entries()) {
      const into = path(`changed-${index}`)
      unpack(path('audit.zip'), into)
      await writeFile(join(into, name), change(await readFile(join(into, name), 'utf8')))
      const { status, text } = check(into)
      assert.equal(status, 1, `${name}: ${text}`)
      assert.match(text, /^NOT VALID: /m)
    }
  })

  it('covers what the filters match, and overwrites no file', async () => {
    const { stderr } = await pack(path('some.zip'), '--resource', 'listener/d')
    assert.match(stderr, /: a report and proofs of 1 of its 1 entries\.\n$/)
    const again = await pack(path('some.zip'))
    assert.equal(again.status, 1)
    assert.match(again.stderr, /some\.zip exists already/)
  })
})
