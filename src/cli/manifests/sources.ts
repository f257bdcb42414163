import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { decodeUtf8, NotUtf8 } from '../../lib/utf8.ts'
import { CliError } from '../errors.ts'
import { io } from '../io.ts'

const STANDARD_INPUT = '-'
const EXTENSIONS = /\.(ya?ml|json)$/

export interface Source {
  readonly name: string
  readonly text: string
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
}

const unreadable = (path: string, error: unknown): CliError => {
  const { code = '', message } = error as NodeJS.ErrnoException
  return new CliError(`${path} ${REASONS[code] ?? `cannot be read: ${message}`}`, undefined, error)
}

const filesBelow = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder, { recursive: true })
  const paths = names
    .filter(name => EXTENSIONS.test(name))
    .sort()
    .map(name => join(folder, name))
  const found = await Promise.all(paths.map(async path => ((await stat(path)).isFile() ? [path] : [])))
  return found.flat()
}

export const sourceName = (path: string): string => (path === STANDARD_INPUT ? 'standard input' : path)

const textOf = (name: string, bytes: Uint8Array): string => {
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    throw error instanceof NotUtf8 ? new CliError(`${name} ${error.message}`) : error
  }
}

const readSource = async (path: string): Promise<Source[]> => {
  if (path === STANDARD_INPUT)
    return [{ name: sourceName(path), text: textOf(sourceName(path), await buffer(io().stdin)) }]
  try {
    const files = (await stat(path)).isDirectory() ? await filesBelow(path) : [path]
    return await Promise.all(files.map(async file => ({ name: file, text: textOf(file, await readFile(file)) })))
  } catch (error) {
    if (error instanceof CliError) throw error
    throw unreadable((error as NodeJS.ErrnoException).path ?? path, error)
  }
}

/** Files, folders (.yaml, .yml, .json), and `-` for standard input. */
export const readSources = async (paths: readonly string[]): Promise<Source[]> => {
  const sources: Source[] = []
  for (const path of paths) sources.push(...(await readSource(path)))
  return sources
}
