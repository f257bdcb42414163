import { printable } from '../../lib/printable.ts'
import { humanize } from './text.ts'

const label = (property: string): string => {
  const text = humanize(property)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}:`
}

const valueText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, each]) => `${key}=${each}`)
    .join(', ')
}

/** Omits empty properties: `Routing key:   backend`. */
export const fieldLines = (fields: Readonly<Record<string, unknown>>): string[] => {
  const rows = Object.entries(fields)
    .map(([property, value]) => [label(property), valueText(value)] as const)
    .filter(([, text]) => text !== '')
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}   ${printable(value)}`)
}
