import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'
import { runInProcess } from '../cli/hark.ts'
import { anyCharacter } from '../support/any-character.ts'
import fc from '../support/fast-check.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { fuzz } from './fuzz.ts'

const RUNS = 500

/** Commands that run until Ctrl-C: only their arguments are tested. */
const ENDLESS = ['serve', 'demo']

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)]

const program = async (): Promise<Command> => {
  const created = await createProgram()
  for (const command of everyCommand(created)) if (ENDLESS.includes(command.name())) command.action(() => undefined)
  return created
}

const commands = everyCommand(await createProgram())
const NAMES = [...new Set(commands.map(command => command.name()))]
const OPTIONS = [...new Set(commands.flatMap(command => command.options.flatMap(({ short, long }) => [short, long])))]
const VALUES = [
  'a',
  'west',
  '8080',
  '0',
  '-1',
  '99999',
  'json',
  'yaml',
  'listener',
  'listeners',
  'connectors',
  'west/a',
]
const MOMENTS = ['2026-11-23T10:00:00Z', '-5m', '0000000000000007', '1h', 'yesterday', 'true', 'no-file.jsonl']

/** Without `-`, the standard input of the test runner. */
const word = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 4, arbitrary: fc.constantFrom(...OPTIONS.filter(option => option !== undefined)) },
    { weight: 4, arbitrary: fc.constantFrom(...VALUES, ...MOMENTS) },
    { weight: 2, arbitrary: fc.string({ unit: anyCharacter, maxLength: 20 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('--store=', '--server=', '-n', '--at='), fc.webUrl())
        .map(parts => parts.join('')),
    },
  )
  .filter(text => text !== '-' && !/^--?f(ilename)?=?-$/.test(text))

const words = fc
  .tuple(fc.constantFrom(...NAMES), fc.array(word, { maxLength: 8 }))
  .map(([name, rest]) => [name, ...rest])

describe('command-line arguments', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  const home = process.cwd()
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)

  before(async () => {
    folder = await scratchFolder()
    // An unused address and an empty folder.
    process.chdir(folder.path)
    process.on('unhandledRejection', note)
  })
  after(async () => {
    process.off('unhandledRejection', note)
    process.chdir(home)
    await folder[Symbol.asyncDispose]()
  })

  it('succeed, or fail with an exit status and a message', async () => {
    await fuzz(words, RUNS, async args => {
      const { status, stderr } = await runInProcess(args, { env: { HARK_SERVER: 'http://127.0.0.1:1' } }, program)
      assert.ok(
        [0, 1, 2, 3, 4].some(known => known === status),
        `status ${status}`,
      )
      assert.doesNotMatch(stderr, /\n +at .*:\d+:\d+|node_modules|is not a function|Cannot read prop/)
      if (status !== 0) assert.notEqual(stderr, '')
    })
    assert.deepEqual(unhandled, [])
  })
})
