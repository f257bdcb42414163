import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { rotateKey } from '../../../src/integrity/keys/rotate-key.ts'
import { createListener, updatePort } from '../../support/commands.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { SignedLog } from '../../support/signed-log.ts'
import { ALICE } from '../../support/test-engine.ts'
import { runInProcess } from '../hark.ts'

const isThere = (program: string): boolean => spawnSync(program, ['--help']).error === undefined
const missing = ['unzip', 'bash', 'openssl', 'sha256sum'].filter(program => !isThere(program))
const skip = missing.length > 0 && `without ${missing.join(', ')}`

/** Four commands in two checkpoints: check.sh starts a dozen processes for each event. */
const fillBriefly = async (log: SignedLog): Promise<void> => {
  for (const name of ['a', 'd']) {
    await log.run(async ({ engine }) => {
      await engine.execute(createListener(name), { caller: ALICE })
      await engine.execute(updatePort(name, 1), { caller: ALICE })
    })
  }
}

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
    await fillBriefly(log)
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
    const other = (digit: string): string => (digit === '0' ? '1' : '0')
    const proofs = await readdir(path('audit/proofs'))
    // The only leaf of a checkpoint has no path.
    const proof = proofs.find(id => statSync(path(`audit/proofs/${id}/path.txt`)).size > 0) ?? assert.fail('no path')
    const [checkpoint = ''] = (await readdir(path('audit/checkpoints'))).filter(name => name.endsWith('.json'))
    await using foreign = await SignedLog.create()
    await foreign.run(async () => {})
    const foreignKey = await readFile(foreign.keys.publicKeyFile, 'utf8')
    const changes: Readonly<Record<string, (text: string) => string>> = {
      [`proofs/${proof}/event-1.json`]: text => text.replace(/"id":"./, '"id":"_'),
      [`proofs/${proof}/path.txt`]: text => text.replace(/^(left|right) ./, found => found.replace(/.$/, other)),
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

  it('is not valid if a proof is in the folder of another event, or proves an entry that the report lacks', async () => {
    const unpacked = async (name: string) => {
      unpack(path('audit.zip'), path(name))
      return (await readdir(path(`${name}/proofs`))).sort()
    }
    const [first = '', second = ''] = await unpacked('swapped')
    await rename(path(`swapped/proofs/${first}`), path('swapped/proofs/other'))
    await rename(path(`swapped/proofs/${second}`), path(`swapped/proofs/${first}`))
    await rename(path('swapped/proofs/other'), path(`swapped/proofs/${second}`))
    const swapped = check(path('swapped'))
    assert.equal(swapped.status, 1, swapped.text)
    assert.match(swapped.text, /^NOT VALID: proofs\/[0-9a-f-]+\/ has the proof of another event$/m)
    const [id = ''] = await unpacked('omitted')
    const report = path('omitted/report.csv')
    const rows = (await readFile(report, 'utf8')).split('\r\n')
    await writeFile(report, rows.filter(row => !row.includes(id)).join('\r\n'))
    const omitted = check(path('omitted'))
    assert.equal(omitted.status, 1, omitted.text)
    assert.match(omitted.text, new RegExp(`^NOT VALID: report\\.csv has no entry of [A-Za-z]+ ${id}$`, 'm'))
  })

  it('counts the entries of the report that are not proven', async () => {
    unpack(path('audit.zip'), path('partial'))
    const ids = await readdir(path('partial/proofs'))
    await rm(path(`partial/proofs/${ids[0]}`), { recursive: true })
    const text = `Valid: ${ids.length - 1} events.\nNot proven: 1 other entries of report.csv.\n`
    assert.deepEqual(check(path('partial')), { status: 0, text })
  })

  it('covers what the filters match, and overwrites no file', async () => {
    const { stderr } = await pack(path('some.zip'), '--resource', 'listener/d')
    assert.match(stderr, /: a report and proofs of 2 of its 2 entries\.\n$/)
    const again = await pack(path('some.zip'))
    assert.equal(again.status, 1)
    assert.match(again.stderr, /some\.zip exists already/)
  })

  it('is not valid if a proof rests on a checkpoint without a signature or by another name', async () => {
    const unpacked = async (name: string) => {
      const into = path(name)
      unpack(path('audit.zip'), into)
      const [id = ''] = await readdir(join(into, 'proofs'))
      const file = join(into, 'proofs', id, 'checkpoint.txt')
      return { into, file, checkpoint: (await readFile(file, 'utf8')).trim() }
    }
    const unsigned = await unpacked('unsigned')
    await rm(join(unsigned.into, `${unsigned.checkpoint}.sig`))
    const missing = check(unsigned.into)
    assert.equal(missing.status, 1)
    assert.match(missing.text, /^NOT VALID: checkpoints\/[0-9a-f]{64}\.json has no signature$/m)
    for (const [index, name] of ['checkpoints/forged', 'proofs/forged', '../forged', ''].entries()) {
      const { into, file, checkpoint } = await unpacked(`named-${index}`)
      await copyFile(join(into, `${checkpoint}.json`), join(into, `${name}.json`))
      await writeFile(file, `${name}\n`)
      const { status, text } = check(into)
      assert.equal(status, 1, name)
      assert.match(text, /^NOT VALID: .*: checkpoint\.txt names no checkpoint of this package$/m)
    }
    const text = await readFile(join(unsigned.into, 'README.txt'), 'utf8')
    assert.match(text, /checkpoint\.txt is one line, checkpoints\/ROOT, where ROOT is 64 digits/)
    assert.match(text, /one without it proves nothing/)
  })

  it('says that nothing is proven, without a checkpoint or an entry', async () => {
    await using fresh = await SignedLog.create()
    await fresh.run(async ({ engine }) => {
      await engine.execute(createListener('a'), { caller: ALICE })
      const { status, stderr } = await pack(path('fresh.zip'), '--data', fresh.folder)
      assert.equal(status, 0, stderr)
    })
    await pack(path('empty.zip'), '--resource', 'listener/none')
    for (const name of ['fresh', 'empty']) {
      unpack(path(`${name}.zip`), path(name))
      const text = 'Nothing is proven: this package has no proof of any event.\n'
      assert.deepEqual(check(path(name)), { status: 2, text })
      assert.match(
        await readFile(path(`${name}/README.txt`), 'utf8'),
        /entries\. Nothing is proven: (no checkpoint|there is nothing)/,
      )
    }
  })

  it('proves after a rotation only what the new key signed', async () => {
    await using rotated = await SignedLog.create()
    await fillBriefly(rotated)
    const oldKey = path('old-key.pem')
    await copyFile(rotated.keys.publicKeyFile, oldKey)
    await rotated.withStore(store => rotateKey(store, rotated.keys, false), 'write')
    const packRotated = async (name: string) => {
      const { status, stderr } = await pack(path(`${name}.zip`), '--data', rotated.folder)
      assert.equal(status, 0, stderr)
      unpack(path(`${name}.zip`), path(name))
      return stderr
    }
    assert.match(await packRotated('unsigned-yet'), /proofs of 0 of its \d+ entries/)
    assert.equal(check(path('unsigned-yet')).status, 2)

    await rotated.run(({ engine }) => engine.execute(createListener('late'), { caller: ALICE }))
    assert.match(await packRotated('rotated'), /proofs of (\d+) of its \1 entries/)
    assert.match(check(path('rotated')).text, /^Valid: \d+ events\.\n$/)
    const text = await readFile(path('rotated/README.txt'), 'utf8')
    assert.match(text, /After a rotation .*\. With an older key,\nuse hark audit verify --proof/)
    const [id = ''] = await readdir(path('rotated/proofs'))
    const proof = path(`rotated/proofs/${id}/proof.json`)
    const verified = await runInProcess(['audit', 'verify', '--proof', proof, '--public-key', oldKey])
    assert.equal(verified.status, 0, verified.stderr)
  })
})
