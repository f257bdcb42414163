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
const DOMAIN = /^src\/domain\//
const PORT = /^src\/store\/[^/]+$/
const ENGINE = /^src\/engine\//
const THREADS = /^src\/threads\//
const ROUTER = /^src\/router\//
const CERTIFICATES = /^src\/certificates\//
const PROBING = /^src\/probing\//
const DEMO = /^src\/demo\//
const API = /^src\/api\//
const CLI = /^src\/cli\//
const CONFIG = /^src\/(config|assignments|router-setting|access-setting)\.ts$/
const MAIN = /^src\/(main|known-events|open-store|offline|maintenance)\.ts$/
const TRANSFER = /^src\/transfer\//
const AUTH = /^src\/auth\//
const AUDIT = /^src\/audit\//
const FILES = /^src\/files\//
const TIMING = /^src\/timing\//
const LIB = /^src\/lib\//

/** Arrows point one way; only main.ts and its like know every part. */
const PARTS: readonly Part[] = [
  { name: 'schemas', has: SCHEMAS, mayImport: [] },
  { name: 'projections', has: PROJECTIONS, mayImport: [SCHEMAS] },
  { name: 'src/domain', has: DOMAIN, mayImport: [SCHEMAS] },
  { name: 'the port of src/store', has: PORT, mayImport: [SCHEMAS] },
  { name: 'src/store/sqlite', has: /^src\/store\/sqlite\//, mayImport: [SCHEMAS, PORT, FILES] },
  { name: 'src/store/eventstoredb', has: /^src\/store\/eventstoredb\//, mayImport: [SCHEMAS, PORT] },
  { name: 'src/threads', has: THREADS, mayImport: [] },
  { name: 'src/transfer', has: TRANSFER, mayImport: [SCHEMAS, PORT, LIB] },
  { name: 'src/files', has: FILES, mayImport: [] },
  { name: 'src/timing', has: TIMING, mayImport: [] },
  { name: 'src/lib', has: LIB, mayImport: [] },
  { name: 'src/auth', has: AUTH, mayImport: [SCHEMAS, FILES, LIB] },
  { name: 'src/audit', has: AUDIT, mayImport: [SCHEMAS, PORT, FILES, THREADS, TIMING] },
  { name: 'src/engine', has: ENGINE, mayImport: [FILES, SCHEMAS, PROJECTIONS, DOMAIN, PORT, THREADS, TIMING, LIB] },
  { name: 'src/certificates', has: CERTIFICATES, mayImport: [] },
  { name: 'src/probing', has: PROBING, mayImport: [SCHEMAS, PROJECTIONS, ENGINE] },
  {
    name: 'src/router',
    has: ROUTER,
    mayImport: [CERTIFICATES, PROBING, SCHEMAS, PROJECTIONS, ENGINE, PORT, TIMING, LIB],
  },
  { name: 'src/demo', has: DEMO, mayImport: [ROUTER] },
  { name: 'src/api', has: API, mayImport: [SCHEMAS, PROJECTIONS, ENGINE, AUTH, TIMING, LIB] },
  {
    name: 'src/cli',
    has: CLI,
    mayImport: [SCHEMAS, AUTH, AUDIT, CONFIG, MAIN, DEMO, TRANSFER, PORT, LIB, /^package\.json$/],
  },
  { name: 'the settings', has: CONFIG, mayImport: [SCHEMAS, LIB] },
  { name: 'what puts the parts together', has: MAIN, mayImport: [SCHEMAS, /^src\//] },
]

const PURE = ['schemas', 'projections', 'src/domain']
const IMPURE: readonly (readonly [string, RegExp])[] = [
  ['a clock', /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\bperformance\b/],
  ['chance', /\bMath\.random\b|\bcrypto\b|\brandomUUID\b/],
  ['a timer', /\bset(Timeout|Interval|Immediate)\b/],
  ['the world', /\bprocess\.|\bfetch\(|\bglobalThis\b/],
  ['the language of the machine', /\.toLocale|\blocaleCompare\b|\bIntl\b/],
]

const sources = globSync(['schemas/**/*.ts', 'projections/**/*.ts', 'src/**/*.ts'], { cwd: ROOT })

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

describe('the house', () => {
  test('every source file belongs to one part', () => {
    const homeless = sources.filter(file => PARTS.filter(({ has }) => has.test(file)).length !== 1)
    assert.deepEqual(homeless, [])
  })

  for (const part of PARTS) {
    test(`${part.name} imports what it may`, () => {
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

  for (const name of PURE) {
    const files = sources.filter(file => file.startsWith(`${name}/`))

    test(`${name} imports nothing of Node.js`, () => {
      const wrong = files.filter(file => importsOf(file).some(imported => imported.startsWith('node:')))
      assert.deepEqual(wrong, [])
    })

    for (const [what, pattern] of IMPURE) {
      test(`${name} does not depend on ${what}`, () => {
        assert.deepEqual(
          files.filter(file => pattern.test(codeOf(file))),
          [],
        )
      })
    }
  }

  test('the command line loads at once nothing that only some command needs', () => {
    const loaded = new Set(['src/cli/program.ts'])
    for (const file of loaded)
      for (const next of ownImportsOf(file, importsAtOnceOf(file))) if (next.endsWith('.ts')) loaded.add(next)
    assert.ok(loaded.size > 20)
    const libraries = [...loaded].flatMap(file => importsAtOnceOf(file).map(name => `${name} in ${file}`))
    const heavy = libraries.filter(name => /^[^.]/.test(name) && !/^(node:|commander )/.test(name))
    assert.deepEqual(heavy, [])
  })
})

describe('tests', () => {
  const tests = globSync('test/**/*.ts', { cwd: ROOT }).filter(file => !/^test\/(bench\/|architecture\.)/.test(file))

  test('have fast-check with its seed', () => {
    const unseeded = tests.filter(file => importsOf(file).includes('fast-check'))
    assert.deepEqual(unseeded, ['test/fast-check.ts'])
  })

  test('leave nothing to chance, be it their own or that of simulated routers', () => {
    const chancy = tests.filter(file => /\bMath\.random\b|\bnew SimulatedNetwork\((?!\{ random: )/.test(codeOf(file)))
    assert.deepEqual(chancy, [])
  })
})
