import { once } from 'node:events'
import { io } from '../io.ts'
import { printable } from './text.ts'

export const print = (line: string): void => {
  io().stdout.write(`${line}\n`)
}

export const note = (line: string): void => {
  io().stderr.write(`${line}\n`)
}

export const printWarning = (line: string): void => note(`warning: ${printable(line)}`)

export const printError = (line: string): void => note(`error: ${printable(line)}`)

/** Waits for slow readers to limit memory. */
export const write = async (text: string, signal: AbortSignal): Promise<void> => {
  const { stdout } = io()
  if (!stdout.write(text)) await once(stdout, 'drain', { signal })
}
