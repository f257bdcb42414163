import { readFileSync } from 'node:fs'
import { decodeUtf8 } from '../../../lib/utf8.ts'
import { CliError } from '../../errors.ts'

export const readJson = (file: string): unknown => {
  try {
    return JSON.parse(decodeUtf8(readFileSync(file)))
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`)
  }
}
