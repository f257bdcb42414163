import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { limits } from '../../schemas/limits.ts'
import { hostName } from '../../schemas/resources/names.ts'
import { mismatch, mustBe, toIssues } from '../../schemas/validation.ts'
import { utf8Text } from '../lib/utf8.ts'
import { assignments } from './key-value-list.ts'
import { type RouterSetting, routerSettings, routers } from './router-settings.ts'
import {
  graphiqlSetting,
  jwtSetting,
  newLogSetting,
  originsSetting,
  proxiesSetting,
  readTls,
  tlsSetting,
} from './server-settings.ts'

const FILE = 'hark.yaml'
const DEFAULT_DATA = 'data'
/** Variables of that prefix which are not for `serve`: the client commands' own, and those of tests. */
const OTHER_VARIABLES = /^HARK_(SERVER|TOKEN|TEST_.*)$/

const PORT = mustBe('a port (0 to 65535; 0 takes one that is free)', 'number')
const GRACE = mustBe('a number of seconds (1 to 3600)', 'number')
const CHECKPOINT = mustBe('a number of seconds (1 to 86400)', 'number')
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const ON_FAILURE = ['exit', 'serve'] as const
const FOLDER = mustBe('the path of a folder', 'string')

/** The log of events: a file of SQLite's, or a server. */
export type StoreSetting =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'eventstoredb'; readonly connectionString: string }

/** Flags and variables are texts, whatever they mean. */
const number = (value: unknown): unknown => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value)

const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@')

const store = z.unknown().transform((value, context): StoreSetting => {
  const text = typeof value === 'string' ? value : ''
  const file = /^sqlite:(?!\/\/)(.+)$/.exec(text)?.[1]
  if (file !== undefined) return { kind: 'sqlite', file }
  if (/^esdb(\+discover)?:\/\/./.test(text)) return { kind: 'eventstoredb', connectionString: text }
  const found = typeof value === 'string' ? withoutPassword(value) : value
  context.addIssue(mismatch(found, 'a store (sqlite:PATH or esdb://…)', 'string'))
  return z.NEVER
})

/** What `serve` can be told. The names of flags and variables follow from these: `--log-level`, `HARK_LOG_LEVEL`. */
const schema = z.object({
  host: hostName.default('127.0.0.1'),
  port: z.preprocess(number, z.int(PORT).min(0, PORT).max(65_535, PORT)).default(4000),
  data: z.string(FOLDER).min(1, FOLDER).default(DEFAULT_DATA),
  store: store.optional(),
  /** Whether the log may be empty where the data folder knows of events. */
  newLog: newLogSetting,
  router: routers,
  /** In seconds. */
  routerGrace: z.preprocess(number, z.int(GRACE).min(1, GRACE).max(3600, GRACE)).default(10),
  /** In seconds. */
  checkpointSeconds: z.preprocess(number, z.int(CHECKPOINT).min(1, CHECKPOINT).max(86_400, CHECKPOINT)).default(60),
  /** What becomes of the process once only another start helps. */
  onFailure: z.enum(ON_FAILURE, mustBe('exit or serve', 'string')).default('exit'),
  jwt: jwtSetting,
  tls: tlsSetting,
  limits: assignments('limits (NAME=NUMBER)').pipe(limits),
  graphiql: graphiqlSetting,
  corsOrigins: originsSetting,
  trustedProxies: proxiesSetting,
  logLevel: z.enum(LOG_LEVELS, mustBe(`a log level (one of ${LOG_LEVELS.join(', ')})`, 'string')).default('info'),
})

type Name = keyof typeof schema.shape
const NAMES = Object.keys(schema.shape) as Name[]

type Read = Readonly<z.output<typeof schema>>
/** What has a default of its own where it is used. */
type Defaulted = 'newLog' | 'onFailure' | 'jwt' | 'limits' | 'graphiql' | 'corsOrigins' | 'trustedProxies'

export interface Settings extends Omit<Read, 'store' | 'router' | 'tls' | Defaulted>, Partial<Pick<Read, Defaulted>> {
  /** An absolute path. */
  readonly data: string
  /** The file's path is absolute. */
  readonly store: StoreSetting
  readonly routers: readonly RouterSetting[]
  /** PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
}

/** A value as it was given, and what whoever gave it calls it. */
interface Given {
  readonly value: unknown
  readonly from: string
  /** The folder that a path in it starts from. */
  readonly base: string
}

type Source = Partial<Record<Name, Given>>

/** Settings that cannot be taken; each line names one and where it came from. */
export class InvalidSettings extends Error {
  override readonly name = 'WrongSettings'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('; '))
    this.lines = lines
  }
}

const flagName = (name: Name): string => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
const variableName = (name: Name): string => `HARK_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`

const fromFlags = (flags: Partial<Record<Name, unknown>>): Source =>
  Object.fromEntries(
    NAMES.filter(name => flags[name] !== undefined).map(name => [
      name,
      { value: flags[name], from: flagName(name), base: '.' },
    ]),
  )

/** An empty variable is one that is not set. */
const fromEnvironment = (env: NodeJS.ProcessEnv, faults: string[]): Source => {
  const known = new Map(NAMES.map(name => [variableName(name), name]))
  const source: Source = {}
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('HARK_') || OTHER_VARIABLES.test(variable)) continue
    const name = known.get(variable)
    if (name === undefined) {
      faults.push(`${variable} is not a setting known here: there are ${[...known.keys()].join(', ')}`)
    } else if (value !== '') {
      source[name] = { value, from: variable, base: '.' }
    }
  }
  return source
}

const readText = (path: string, faults: string[]): string => {
  try {
    return utf8Text(readFileSync(path))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') faults.push(`${path} cannot be read: ${message}`)
    return ''
  }
}

/** The file lies in the data folder, so it cannot say where that is. */
const fromFile = (data: string, faults: string[]): Source => {
  const path = join(data, FILE)
  const names = NAMES.filter(name => name !== 'data')
  const lines = new LineCounter()
  const document = parseDocument(readText(path, faults), { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => `${path}:${lines.linePos(offset).line}`
  faults.push(...document.errors.map(error => `${at(error.pos[0])}: ${error.message}`))
  if (document.errors.length > 0 || document.contents === null) return {}
  if (!isMap(document.contents)) {
    faults.push(`${path}: is not a map of settings`)
    return {}
  }
  const source: Source = {}
  for (const { key, value } of document.contents.items) {
    const name = names.find(known => isScalar(key) && key.value === known)
    const place = isScalar(key) && key.range ? at(key.range[0]) : path
    if (name === undefined) {
      faults.push(`${place}: ${key} is not a setting known here: there are ${names.join(', ')}`)
    } else {
      source[name] = { value: isNode(value) ? value.toJS(document) : value, from: `${place}: ${name}`, base: data }
    }
  }
  return source
}

/**
 * The settings of `serve`: flags go before variables, variables before the file `hark.yaml` in the data folder.
 *
 * @throws InvalidSettings with every fault found
 */
export const loadSettings = (flags: Partial<Record<Name, unknown>>, env: NodeJS.ProcessEnv): Settings => {
  const faults: string[] = []
  const told: Source = { ...fromEnvironment(env, faults), ...fromFlags(flags) }
  const given: Source = { ...fromFile(String(told.data?.value ?? DEFAULT_DATA), faults), ...told }
  const parsed = schema.safeParse(Object.fromEntries(NAMES.map(name => [name, given[name]?.value])))
  if (!parsed.success) {
    faults.push(
      ...toIssues(parsed.error).map(({ path, message }) => {
        const [name = '', ...within] = path.split('.')
        const from = given[name as Name]?.from ?? name
        return `${[from, ...within].join('.')}: ${message}`
      }),
    )
  }
  const routersGiven = parsed.success ? parsed.data.router : {}
  const routerList = routerSettings(routersGiven, given.router?.base ?? '.', faults)
  const tls = parsed.success ? readTls(parsed.data.tls, given.tls?.base ?? '.', faults) : undefined
  if (!parsed.success || faults.length > 0) throw new InvalidSettings(faults)

  const data = resolve(parsed.data.data)
  const { store = { kind: 'sqlite', file: join(data, 'events.db') }, router: _, tls: __, jwt, ...others } = parsed.data
  const isFile = jwt !== undefined && !/^https?:/i.test(jwt.jwks)
  return {
    ...others,
    tls,
    jwt: isFile ? { ...jwt, jwks: resolve(given.jwt?.base ?? '.', jwt.jwks) } : jwt,
    data,
    routers: routerList,
    store: store.kind === 'sqlite' ? { ...store, file: resolve(given.store?.base ?? '.', store.file) } : store,
  }
}
