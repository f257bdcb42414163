import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { FileReloader } from '../../src/config/file-reloader.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const LABELS = { use: 'router', namespace: 'west' } as const
const EXPIRY = new Date('2030-01-01')

/** A reloader of one file, which must be a number; `check` stands for its timer. */
const reloaderOf = (path: string) => {
  let check = (): void => assert.fail('not started')
  let cancelled = false
  const setInterval = (work: () => void) => {
    check = work
    return {
      cancel: () => {
        cancelled = true
      },
    }
  }
  const [read, errors]: [string[], string[]] = [[], []]
  const reloader = new FileReloader(
    { ...systemClock, setInterval },
    { ...silentLogger, error: (_, message) => void errors.push(message) },
  )
  const load = () => {
    const text = readFileSync(path, 'utf8')
    if (!/^\d+$/.test(text)) throw new Error('no number')
    read.push(text)
    return EXPIRY
  }
  const watch = () => reloader.watch({ labels: LABELS, paths: [path], load })
  return { reloader, watch, read, errors, check: () => check(), isCancelled: () => cancelled }
}

describe('FileReloader', () => {
  test('loads files at once, and again when they have changed', async () => {
    await using folder = await scratchFolder()
    const path = join(folder.path, 'file')
    writeFileSync(path, '1')
    const { reloader, watch, read, check, isCancelled } = reloaderOf(path)
    watch()
    reloader.start()
    check()
    assert.deepEqual(read, ['1'])
    writeFileSync(path, '22')
    check()
    check()
    assert.deepEqual(read, ['1', '22'])
    reloader.close()
    assert.ok(isCancelled())
  })

  test('keeps what it read, and counts a failure, if a path cannot be followed', async () => {
    await using folder = await scratchFolder()
    const path = join(folder.path, 'file')
    writeFileSync(path, '1')
    const { reloader, watch, errors, check } = reloaderOf(path)
    watch()
    reloader.start()
    rmSync(path)
    symlinkSync(path, path)
    check()
    check()
    reloader.reload()
    assert.deepEqual(reloader.states, [{ labels: LABELS, expiresAt: EXPIRY, failures: 2, isCurrent: false }])
    assert.equal(errors.length, 2)
    reloader.close()
  })

  test('notices that the folder behind a link was replaced, as in a mounted Kubernetes secret', async () => {
    await using folder = await scratchFolder()
    const at = (...names: string[]): string => join(folder.path, ...names)
    for (const [name, text] of [
      ['..first', '1'],
      ['..second', '2'],
    ] as const) {
      mkdirSync(at(name))
      writeFileSync(at(name, 'file'), text)
    }
    symlinkSync('..first', at('..data'))
    symlinkSync(join('..data', 'file'), at('file'))
    const { reloader, watch, read, check } = reloaderOf(at('file'))
    watch()
    reloader.start()
    symlinkSync('..second', at('..data_tmp'))
    renameSync(at('..data_tmp'), at('..data'))
    check()
    assert.deepEqual(read, ['1', '2'])
  })

  test('logs a change that cannot be used once, counts it, and continues after the next change', async () => {
    await using folder = await scratchFolder()
    const path = join(folder.path, 'file')
    writeFileSync(path, '1')
    const { reloader, watch, read, errors, check } = reloaderOf(path)
    watch()
    reloader.start()
    const current = { labels: LABELS, expiresAt: EXPIRY, failures: 0, isCurrent: true }
    assert.deepEqual(reloader.states, [current])
    writeFileSync(path, 'one')
    check()
    check()
    assert.equal(errors.length, 1)
    assert.deepEqual(reloader.states, [{ ...current, failures: 1, isCurrent: false }])
    rmSync(path)
    check()
    writeFileSync(path, '3')
    check()
    assert.deepEqual(read, ['1', '3'])
    assert.deepEqual(reloader.states, [{ ...current, failures: 2 }])
  })

  test('loads unchanged files on request', async () => {
    await using folder = await scratchFolder()
    const path = join(folder.path, 'file')
    writeFileSync(path, '1')
    const { reloader, watch, read } = reloaderOf(path)
    watch()
    reloader.reload()
    assert.deepEqual(read, ['1', '1'])
  })

  test('rejects files that cannot be used at first', async () => {
    await using folder = await scratchFolder()
    const { reloader, watch } = reloaderOf(join(folder.path, 'absent'))
    assert.throws(watch, { code: 'ENOENT' })
    assert.deepEqual(reloader.states, [])
  })
})
