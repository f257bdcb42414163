import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrangeArguments } from '../../../src/cli/arguments.ts'
import { createProgram, isGroup } from '../../../src/cli/program.ts'

const arranged = (text: string): string => {
  const { command, args } = arrangeArguments(text.split(' '), isGroup)
  return `${command}: ${args.join(' ')}`
}

describe('arrangeArguments', () => {
  for (const [given, expected] of [
    ['get listeners -n west', 'get: get listeners -n west'],
    ['-n west get listeners', 'get: get listeners -n west'],
    ['-nwest --server=http://a get listeners', 'get: get listeners -nwest --server=http://a'],
    ['--server http://a create -n west listener b 1', 'create: create listener b 1 --server http://a -n west'],
    ['-n west get listeners -- -a', 'get: get listeners -n west -- -a'],
    ['get -n west listeners', 'get: get -n west listeners'],
    ['mkl status', 'multikeylistener: multikeylistener status'],
    ['-n west Listeners delete a', 'listener: listener delete a -n west'],
    ['create MKL b 1', 'create: create multikeylistener b 1'],
    ['update -n west CNR st', 'update: update connector st -n west'],
    ['site delete st', 'site: site delete st'],
    ['get mkl', 'get: get mkl'],
    ['help mkl', 'help: help multikeylistener'],
    ['delete --dry-run listener a', 'delete: delete --dry-run=server listener a'],
    ['delete listener a --dry-run', 'delete: delete listener a --dry-run=server'],
    ['apply -f a --dry-run client', 'apply: apply -f a --dry-run client'],
    ['delete listener a --dry-run none', 'delete: delete listener a --dry-run=server none'],
    ['delete listener a --dry-run=none', 'delete: delete listener a --dry-run=none'],
    ['get listeners -- --dry-run', 'get: get listeners -- --dry-run'],
    ['--version', 'undefined: --version'],
    ['-n', 'undefined: -n'],
  ] as const) {
    it(`turns "${given}" into "${expected}"`, () => assert.equal(arranged(given), expected))
  }
})

it('isGroup › is true of the commands with commands of their own', async () => {
  const { commands } = await createProgram()
  assert.deepEqual(
    commands.filter(command => isGroup(command.name())).map(command => command.name()),
    commands.filter(({ commands }) => commands.length > 0).map(command => command.name()),
  )
})
