import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Part {
  readonly name: string
  readonly has: RegExp
  /** What of ours it may import besides itself. */
  readonly mayImport: readonly RegExp[]
}

const SCHEMAS = /^schemas\//
const PROJECTIONS = /^projections\//
const LIB = /^src\/lib\//
const DOMAIN = /^src\/domain\//
const STORE_PORT = /^src\/event-store\/[^/]+$/
const AUTH = /^src\/auth\//
const INTEGRITY = /^src\/integrity\//
const ENGINE = /^src\/engine\//
const ROUTER = /^src\/router\//
const CONTROLLER = /^src\/controller\//
const SIMULATOR = /^src\/simulator\//
const SERVER = /^src\/server\//
const CONFIG = /^src\/config\//
const TELEMETRY = /^src\/telemetry\//
const OPS = /^src\/ops\//
const CLI = /^src\/cli\//
const CONSOLE = /^src\/console\//
const APP = /^src\/(app|open-store|earlier-log|reload-files)\.ts$/

/** Arrows point one way; only the application wires every part. */
const PARTS: readonly Part[] = [
  { name: 'schemas', has: SCHEMAS, mayImport: [] },
  { name: 'projections', has: PROJECTIONS, mayImport: [SCHEMAS] },
  { name: 'src/lib', has: LIB, mayImport: [] },
  { name: 'src/domain', has: DOMAIN, mayImport: [SCHEMAS] },
  { name: 'the port of src/event-store', has: STORE_PORT, mayImport: [SCHEMAS, LIB] },
  { name: 'src/event-store/sqlite', has: /^src\/event-store\/sqlite\//, mayImport: [SCHEMAS, STORE_PORT, LIB] },
  {
    name: 'src/event-store/eventstoredb',
    has: /^src\/event-store\/eventstoredb\//,
    mayImport: [SCHEMAS, STORE_PORT, LIB],
  },
  { name: 'src/auth', has: AUTH, mayImport: [SCHEMAS, STORE_PORT, LIB] },
  { name: 'src/integrity', has: INTEGRITY, mayImport: [SCHEMAS, STORE_PORT, LIB] },
  { name: 'src/engine', has: ENGINE, mayImport: [SCHEMAS, PROJECTIONS, DOMAIN, STORE_PORT, LIB, TELEMETRY] },
  { name: 'src/router', has: ROUTER, mayImport: [LIB] },
  {
    name: 'src/controller',
    has: CONTROLLER,
    mayImport: [SCHEMAS, PROJECTIONS, STORE_PORT, LIB, ENGINE, ROUTER, TELEMETRY],
  },
  { name: 'src/simulator', has: SIMULATOR, mayImport: [ROUTER, LIB] },
  {
    name: 'src/server',
    has: SERVER,
    mayImport: [SCHEMAS, PROJECTIONS, LIB, ENGINE, AUTH, INTEGRITY, CONTROLLER, CONFIG, TELEMETRY, /^package\.json$/],
  },
  { name: 'src/telemetry', has: TELEMETRY, mayImport: [LIB, /^package\.json$/] },
  { name: 'src/config', has: CONFIG, mayImport: [SCHEMAS, LIB] },
  {
    name: 'src/ops',
    has: OPS,
    mayImport: [SCHEMAS, PROJECTIONS, STORE_PORT, LIB, ENGINE, INTEGRITY, CONFIG, SERVER, APP],
  },
  {
    name: 'src/cli',
    has: CLI,
    mayImport: [SCHEMAS, STORE_PORT, LIB, AUTH, INTEGRITY, CONFIG, OPS, SIMULATOR, APP, /^package\.json$/],
  },
  // The page is a client like any other: it has only what GraphQL serves, and texts without Node.js.
  { name: 'src/console', has: CONSOLE, mayImport: [/^src\/lib\/(csv-cell|printable)\.ts$/] },
  { name: 'the application', has: APP, mayImport: [SCHEMAS, /^src\/(?!cli\/|console\/)/] },
]

/** More files side by side than this are a list and not a folder. */
const MOST_FILES = 20

const PURE = ['schemas', 'projections', 'src/domain']
const IMPURE: readonly (readonly [string, RegExp])[] = [
  ['a clock', /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\bperformance\b/],
  ['chance', /\bMath\.random\b|\bcrypto\b|\brandomUUID\b/],
  ['a timer', /\bset(Timeout|Interval|Immediate)\b/],
  ['the world', /\bprocess\.|\bfetch\(|\bglobalThis\b/],
  ['the language of the machine', /\.toLocale|\blocaleCompare\b|\bIntl\b/],
]

const sources = globSync(['schemas/**/*.ts', 'projections/**/*.ts', 'src/**/*.{ts,tsx}'], { cwd: ROOT })

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const codeOf = (file: string): string => textOf(file).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')

const importsOf = (file: string): string[] =>
  [...codeOf(file).matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name as string)

/** Without those for types alone, and those that are made when they are needed. */
const importsAtOnceOf = (file: string): string[] =>
  [...codeOf(file).matchAll(/^(?:import|export) (?!type )[^;]*?\bfrom '([^']+)'/gm)].map(([, name]) => name as string)

/** The files of ours that a file imports, as paths from the root. */
const ownImportsOf = (file: string, imports = importsOf(file)): string[] =>
  imports.filter(name => name.startsWith('.')).map(name => relative(ROOT, normalize(join(ROOT, dirname(file), name))))

const filesOf = ({ has }: Part): string[] => sources.filter(file => has.test(file))

describe('architecture', () => {
  test('assigns every source file to one part', () => {
    const homeless = sources.filter(file => PARTS.filter(({ has }) => has.test(file)).length !== 1)
    assert.deepEqual(homeless, [])
  })

  for (const part of PARTS) {
    test(`restricts the imports of ${part.name}`, () => {
      const allowed = [part.has, ...part.mayImport]
      assert.notEqual(filesOf(part).length, 0)
      const wrong = filesOf(part).flatMap(file =>
        ownImportsOf(file)
          .filter(imported => !allowed.some(pattern => pattern.test(imported)))
          .map(imported => `${file} imports ${imported}`),
      )
      assert.deepEqual(wrong, [])
    })
  }

  test('has no circle of imports, those of types included', () => {
    const imports = new Map(sources.map(file => [file, ownImportsOf(file).filter(name => /\.tsx?$/.test(name))]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      else if (!done.has(file)) for (const next of imports.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of sources) visit(file, [])
    assert.deepEqual(circles, [])
  })

  test(`limits a folder to ${MOST_FILES} files`, () => {
    const folders = new Map<string, number>()
    for (const file of globSync(['{schemas,projections,src,docs,examples,bin,deploy}/**/*.*', 'test/**/*.ts'], {
      cwd: ROOT,
    }))
      folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1)
    assert.deepEqual(
      [...folders].filter(([, count]) => count > MOST_FILES),
      [],
    )
  })

  test('no order depends on the language of the machine', () => {
    assert.deepEqual(
      sources.filter(file => /\blocaleCompare\b|\bIntl\.Collator\b/.test(codeOf(file))),
      [],
    )
  })

  for (const name of PURE) {
    const files = sources.filter(file => file.startsWith(`${name}/`))

    test(`keeps Node.js out of ${name}`, () => {
      const wrong = files.filter(file => importsOf(file).some(imported => imported.startsWith('node:')))
      assert.deepEqual(wrong, [])
    })

    for (const [what, pattern] of IMPURE) {
      test(`keeps ${what} out of ${name}`, () => {
        assert.deepEqual(
          files.filter(file => pattern.test(codeOf(file))),
          [],
        )
      })
    }
  }

  test('lets only the server and the simulator open ports', () => {
    const listening = sources.filter(file => /\.listen\(/.test(codeOf(file)))
    const allowed = /^src\/(app\.ts$|server\/|simulator\/)/
    assert.deepEqual(
      listening.filter(file => !allowed.test(file)),
      [],
    )
  })

  /** The files that are loaded at once, and what they import that is neither ours nor of Node.js. */
  const loadedWith = (...first: readonly string[]) => {
    const files = new Set(first)
    for (const file of files)
      for (const next of ownImportsOf(file, importsAtOnceOf(file))) if (next.endsWith('.ts')) files.add(next)
    const imports = [...files].flatMap(file => importsAtOnceOf(file).map(name => `${name} in ${file}`))
    return { files, libraries: imports.filter(name => !/^(\.|node:)/.test(name)) }
  }

  test('keeps libraries of single commands out of the start of the command line', () => {
    const commands = ownImportsOf('src/cli/program.ts').filter(name => name.endsWith('.ts'))
    const { files, libraries } = loadedWith('src/cli/main.ts', ...commands)
    assert.ok(files.size > 20)
    assert.deepEqual(
      libraries.filter(name => !name.startsWith('commander ')),
      [],
    )
  })

  test('keeps libraries out of the thread of the history, which every start waits for', () => {
    const { files, libraries } = loadedWith('src/engine/history/worker.ts')
    assert.ok(files.size > 10)
    assert.deepEqual(libraries, [])
  })
})

describe('tests', () => {
  const tests = globSync('test/**/*.ts', { cwd: ROOT }).filter(file => !/^test\/(bench\/|architecture\.)/.test(file))

  test('import fast-check with a seed', () => {
    const unseeded = tests.filter(file => importsOf(file).includes('fast-check'))
    assert.deepEqual(unseeded, ['test/support/fast-check.ts'])
  })

  test('run in one group each', () => {
    const globs = globSync('test/groups/*/*.ts', { cwd: ROOT }).flatMap(group =>
      [...textOf(group).matchAll(/'(test\/[^']+)'/g)].map(([, glob]) => glob as string),
    )
    const grouped = globs.flatMap(glob => globSync(glob, { cwd: ROOT }))
    assert.deepEqual(grouped.toSorted(), globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted())
  })

  test('use no unseeded randomness', () => {
    const chancy = tests.filter(file => /\bMath\.random\b|\bnew SimulatedNetwork\((?!\{ random: )/.test(codeOf(file)))
    assert.deepEqual(chancy, [])
  })
})
