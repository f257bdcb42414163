import { readFileSync } from 'node:fs'
import { decodeUtf8 } from '../lib/utf8.ts'

/** `errors` receives a line if the file is unreadable or empty. */
export const readPem = (setting: string, path: string, errors: string[]): string | undefined => {
  try {
    const text = decodeUtf8(readFileSync(path))
    if (text.trim() !== '') return text
    errors.push(`${setting}: ${path} is empty`)
    return undefined
  } catch (error) {
    errors.push(`${setting}: ${path} cannot be read: ${(error as Error).message}`)
    return undefined
  }
}
