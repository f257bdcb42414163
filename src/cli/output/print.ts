import { once } from 'node:events'
import { printable } from './text.ts'

/** A line for whoever reads or pipes the result. */
export const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** A line beside the result: it never gets into a pipe. */
export const note = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** Something went well and may not stay so. */
export const printWarning = (line: string): void => note(`warning: ${printable(line)}`)

export const printError = (line: string): void => note(`error: ${printable(line)}`)

/** Writes a part of a long result, and waits for a reader that is slower: memory is not to fill with what nobody takes. */
export const write = async (text: string, signal: AbortSignal): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal })
}
