import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodeUtf8 } from '../lib/utf8.ts'

/**
 * Undefined if the file is unreadable or empty; `errors` then receives a line.
 *
 * @param base the folder of a relative path
 */
export const readPem = (setting: string, path: string, base: string, errors: string[]): string | undefined => {
  try {
    const text = decodeUtf8(readFileSync(resolve(base, path)))
    if (text.trim() !== '') return text
    errors.push(`${setting}: ${path} is empty`)
    return undefined
  } catch (error) {
    errors.push(`${setting}: ${path} cannot be read: ${(error as Error).message}`)
    return undefined
  }
}
