import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import type { Command } from 'commander'
import { buildSchema, parse as parseGraphQL, validate } from 'graphql'
import about from '../../package.json' with { type: 'json' }
import { EVENTS, type EventType } from '../../schemas/events/events.ts'
import { arrangeArguments } from '../../src/cli/arguments.ts'
import { createProgram, isGroup } from '../../src/cli/program.ts'
import { DEFAULT_LIMITS, DEFAULT_REQUESTS_PER_SECOND } from '../../src/config/limits.ts'
import { type InvalidSettings, loadSettings } from '../../src/config/load.ts'
import { withSettingsTable } from '../docs/settings-table.ts'
import { ROOT, read } from '../support/tree.ts'

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: ROOT }),
]

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block as string)

const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '')

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string))

const linksOf = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter(target => !/^https?:/.test(target))

const isThere = (page: string, link: string): boolean => {
  const [path, anchor] = link.split('#') as [string, string?]
  const target = path === '' ? page : join(dirname(page), path)
  return existsSync(join(ROOT, target)) && (anchor === undefined || anchorsOf(read(target)).includes(anchor))
}

/** The error for an unknown setting, which lists all. */
const knownSettings = (): string => {
  try {
    loadSettings({}, { HARK_UNKNOWN: '1' })
  } catch (error) {
    return (error as InvalidSettings).message
  }
  return assert.fail('an unknown setting is accepted')
}

/** The commands in a page, without their input and output. */
const typed = (text: string): string[] => [
  ...blocksOf(text, 'sh').flatMap(block => block.split('\n')),
  ...blocksOf(text, 'console').flatMap(block => block.split('\n').filter(line => line.startsWith('$ '))),
  ...[...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string),
]

const optionsOf = (command: Command): (string | undefined)[] =>
  command.options.flatMap(({ short, long }) => [short, long]).concat('-h', '--help', '-V', '--version')

const program: Command = await createProgram()

/** The error of the arguments of `hark`; undefined if they are valid. */
const faultOf = (words: readonly string[]): string | undefined => {
  let command = program
  const rest = [...arrangeArguments(words, isGroup).args]
  for (let next = rest[0]; next !== undefined && command.commands.length > 0 && !next.startsWith('-'); next = rest[0]) {
    const name = next
    const found: Command | undefined = command.commands.find(known => known.name() === name)
    if (found === undefined) return name === 'COMMAND' ? undefined : `no command ${name}`
    command = found
    rest.shift()
  }
  const unknown = rest.find(word => /^-./.test(word) && !optionsOf(command).includes(word.replace(/=.*/s, '')))
  return unknown && `${command.name()} has no option ${unknown}`
}

for (const page of PAGES) {
  const text = read(page)

  describe(page, () => {
    test('has no broken link', () => {
      assert.deepEqual(
        linksOf(text).filter(link => !isThere(page, link)),
        [],
      )
    })

    test('names existing scripts only', () => {
      const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script as string)
      assert.deepEqual(
        named.filter(script => !(script in about.scripts)),
        [],
      )
    })

    test('names existing files only', () => {
      const named = [
        ...withoutBlocks(text).matchAll(/`((?:bin|deploy|docs|examples|projections|schemas|src|test)\/[^`\s]*)`/g),
      ]
      assert.deepEqual(
        named.map(([, path]) => path as string).filter(path => !existsSync(join(ROOT, path))),
        [],
      )
    })

    test('has valid commands', () => {
      const faults = typed(text).flatMap(line => {
        const words = /(?:^|\$ |npx |exec hark )hark ([a-zA-Z-][^<|>]*)/.exec(line)?.[1]?.trim().split(/\s+/)
        const fault = words && faultOf(words)
        return fault === undefined ? [] : [`${line}: ${fault}`]
      })
      assert.deepEqual(faults, [])
    })

    test('has valid GraphQL operations', () => {
      const schema = buildSchema(read('schemas/schema.graphql'))
      for (const block of blocksOf(text, 'graphql')) assert.deepEqual(validate(schema, parseGraphQL(block)), [])
      for (const [, operation] of text.matchAll(/"query": "((?:\\.|[^"\\])*)"/g))
        assert.deepEqual(validate(schema, parseGraphQL(JSON.parse(`"${operation}"`))), [])
    })

    test('names existing metrics and settings only', () => {
      const metrics = read('test/fixtures/frozen/metrics.txt').split('\n')
      const settings = knownSettings()
      for (const [, metric] of text.matchAll(/\b(hark_[a-z_]+)\b/g))
        assert.ok(
          metrics.some(line => line.startsWith(`${metric} `)),
          metric,
        )
      for (const [, name] of withoutBlocks(text).matchAll(/`(HARK_[A-Z_]+)`/g))
        assert.ok(
          settings.includes(name as string) ||
            /^HARK_(SERVER|TOKEN|NAMESPACE|CONTEXT|TEST_EVENTSTOREDB|TEST_ROUTER|TEST_ROUTER_REMOTE)$/.test(
              name as string,
            ),
          name,
        )
    })
  })
}

describe('docs/events.md', () => {
  const examples = new Map(
    [...read('docs/events.md').matchAll(/^### (\w+)\n[\s\S]*?^```json\n([\s\S]*?)^```/gm)].map(([, type, json]) => [
      type as string,
      JSON.parse(json as string),
    ]),
  )

  test('documents every event type', () => {
    assert.deepEqual([...examples.keys()].sort(), Object.keys(EVENTS).sort())
  })

  for (const [type, example] of examples) {
    test(`has a valid example of ${type}`, () => {
      assert.deepEqual(EVENTS[type as EventType].data.parse(example), example)
    })
  }
})

describe('README.md', () => {
  test('has at most 250 lines', () => {
    assert.ok(read('README.md').trimEnd().split('\n').length <= 250)
  })
})

describe('docs/configuration.md', () => {
  const page = read('docs/configuration.md')

  test('has the table of settings that `npm run docs` writes', () => {
    assert.equal(withSettingsTable(page), page)
  })

  test('has the default of every limit', () => {
    const shown = new Map(
      [...page.matchAll(/^\| `(\w+)` +\| ([\d,]+)( MB)?[^|]*\|/gm)].map(([, name, number, unit]) => [
        name as string,
        Number((number as string).replaceAll(',', '')) * (unit === undefined ? 1 : 1024 ** 2),
      ]),
    )
    const defaults = { requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND, ...DEFAULT_LIMITS }
    assert.deepEqual(Object.fromEntries(shown), defaults)
  })
})
