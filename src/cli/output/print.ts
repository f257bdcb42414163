import { once } from 'node:events'
import type { Finding } from '../../integrity/verify/finding.ts'
import { printable } from '../../lib/printable.ts'
import { errorLine } from '../errors.ts'
import { io } from '../io.ts'

export const print = (line: string): void => {
  io().stdout.write(`${line}\n`)
}

export const note = (line: string): void => {
  io().stderr.write(`${line}\n`)
}

export const printWarning = (line: string): void => note(`warning: ${printable(line)}`)

export const printError = (line: string): void => note(errorLine(printable(line)))

export const write = async (text: string, signal: AbortSignal): Promise<void> => {
  const { stdout } = io()
  if (!stdout.write(text)) await once(stdout, 'drain', { signal })
}

export const printFindings = (findings: readonly Finding[], most: number): void => {
  for (const { place, fault } of findings.slice(0, most)) print(`${printable(place)}: ${printable(fault)}`)
  if (findings.length > most) print(`… and ${findings.length - most} more`)
}
