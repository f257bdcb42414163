import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
import { readGrant } from '../../src/auth/roles.ts'
import { changeTokens, newToken, readTokens } from '../../src/auth/token-file.ts'
import { spawn } from '../support/process/child-process.ts'
import { scratchFolder } from '../support/scratch-folder.ts'

const entryOf = (name: string) => newToken({ name, grants: [readGrant('viewer')!] }).entry

/** Prints a line once it holds the lock, and writes the given text before it releases the lock. */
const OTHER_PROCESS = `
  const { DatabaseSync } = require('node:sqlite')
  const { writeFileSync } = require('node:fs')
  const [file, text] = process.argv.slice(1)
  const lock = new DatabaseSync(file + '.lock')
  lock.exec('BEGIN EXCLUSIVE')
  console.log('has it')
  setTimeout(() => {
    writeFileSync(file, text)
    lock.exec('COMMIT')
  }, 300)
`

it('changeTokens › waits for a concurrent change of another process and keeps both', async () => {
  await using folder = await scratchFolder()
  const file = join(folder.path, 'tokens.json')
  const [alice, bob, carol] = [entryOf('alice'), entryOf('bob'), entryOf('carol')]
  changeTokens(file, () => [alice])
  const tokens = [alice, bob].map(entry => ({ ...entry, grants: ['viewer'] }))
  const other = spawn(process.execPath, ['-e', OTHER_PROCESS, file, JSON.stringify({ tokens })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(other, 'exit')
  await once(other.stdout, 'data')
  changeTokens(file, before => [...before, carol])
  assert.deepEqual(
    readTokens(file)?.map(({ name }) => name),
    ['alice', 'bob', 'carol'],
  )
  await ended
})

it('changeTokens › rejects and changes nothing if another process holds the lock too long', async () => {
  await using folder = await scratchFolder()
  const file = join(folder.path, 'tokens.json')
  changeTokens(file, () => [entryOf('alice')])
  using other = new DatabaseSync(`${file}.lock`)
  other.exec('BEGIN EXCLUSIVE')
  const change = () => changeTokens(file, () => [], 50)
  assert.throws(change, new Error('another process has been changing the tokens for 0.05 s: try again'))
  assert.equal(readTokens(file)?.length, 1)
})

it('changeTokens › rejects and writes nothing if the lock file is not a database', async () => {
  await using folder = await scratchFolder()
  const file = join(folder.path, 'tokens.json')
  writeFileSync(`${file}.lock`, 'no database '.repeat(100))
  assert.throws(() => changeTokens(file, () => [entryOf('alice')]), /file is not a database/)
  assert.equal(readTokens(file), undefined)
})
