import { readFileSync } from 'node:fs'
import { Failure } from '../failure.ts'

/** @throws Failure where the file cannot be read, or is not JSON */
export const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`)
  }
}
