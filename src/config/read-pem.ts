import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodeUtf8 } from '../lib/utf8.ts'

/**
 * The text of a file that a setting names, or undefined if it cannot be read or is empty.
 *
 * @param base the folder that a relative path starts from
 * @param errors gets a line, with `setting` in it, in that case
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
