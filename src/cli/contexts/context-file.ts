import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { io } from '../io.ts'
import { printWarning } from '../output/print.ts'

const PROPERTIES = ['server', 'namespace', 'token'] as const

export type Context = { readonly [property in (typeof PROPERTIES)[number]]?: string }

export interface Contexts {
  readonly currentContext?: string
  readonly contexts: Readonly<Record<string, Context>>
}

/** It may hold tokens. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const OTHERS = 0o077

export const contextsFile = (): string => {
  const { XDG_CONFIG_HOME, HOME } = io().env
  return join(XDG_CONFIG_HOME || join(HOME || homedir(), '.config'), 'hark', 'config.yaml')
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const faultOf = (value: unknown): string | undefined => {
  if (!isObject(value)) return 'must be a map'
  const { currentContext, contexts = {}, ...others } = value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) return `${unknown} is unknown`
  if (currentContext !== undefined && typeof currentContext !== 'string') return 'currentContext must be a text'
  if (!isObject(contexts)) return 'contexts must be a map'
  for (const [name, context] of Object.entries(contexts)) {
    if (!isObject(context)) return `contexts.${name} must be a map`
    for (const [property, text] of Object.entries(context)) {
      if (!PROPERTIES.some(known => known === property)) return `contexts.${name}.${property} is unknown`
      if (typeof text !== 'string') return `contexts.${name}.${property} must be a text`
    }
  }
  return undefined
}

const warnIfReadable = (file: string, { contexts }: Contexts): void => {
  const hasToken = Object.values(contexts).some(({ token }) => token !== undefined)
  if (hasToken && process.platform !== 'win32' && (statSync(file).mode & OTHERS) !== 0)
    printWarning(`${file} holds tokens and others can read it: chmod 600 ${file}`)
}

export const readContexts = async (): Promise<Contexts> => {
  const file = contextsFile()
  if (!existsSync(file)) return { contexts: {} }
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(readFileSync(file, 'utf8')) ?? {}
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message.split('\n')[0]}`)
  }
  const fault = faultOf(value)
  if (fault !== undefined) throw new CliError(`${file}: ${fault}`)
  const read: Contexts = { contexts: {}, ...(value as Partial<Contexts>) }
  warnIfReadable(file, read)
  return read
}

export const writeContexts = async (contexts: Contexts): Promise<void> => {
  const [{ stringify }, { mkdir }, { writeFileAtomic }] = await Promise.all([
    import('yaml'),
    import('node:fs/promises'),
    import('../../lib/files/write-file-atomic.ts'),
  ])
  const file = contextsFile()
  await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE })
  await writeFileAtomic(file, stringify(contexts), FILE_MODE)
}

export const contextNamed = ({ contexts }: Contexts, name: string): Context => {
  if (!Object.hasOwn(contexts, name)) throw new CliError(`context ${name} does not exist: see hark config get-contexts`)
  return contexts[name] as Context
}
