import { createHash } from 'node:crypto'
import type { Command } from '../../../schemas/commands.ts'

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** Objects with their keys in one order: settings come in the order in which their caller wrote them. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(byKey))
    : value

/**
 * Stands for a command: what is asked, of which resource, with every value. Two commands that mean the same have the same
 * hash. The version that a caller expects is a condition, and no part of it.
 */
export const commandHash = (command: Command): string =>
  createHash('sha256').update(JSON.stringify(command, inOrder)).digest('hex')
