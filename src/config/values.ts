import { z } from 'zod'
import { mismatch } from '../../schemas/validation.ts'

/** Flags and variables are always text. */
export const toNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value

export const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@')

const toList = (value: unknown): unknown => {
  if (typeof value !== 'string') return value
  return value === '' ? [] : value.split(',')
}

/**
 * A map of `hark.yaml`, or `NAME=VALUE` texts.
 *
 * @param redact makes an invalid value fit for messages
 */
export const keyValueList = (form: string, redact: (text: string) => string = text => text) =>
  z.unknown().transform((value, context): Record<string, unknown> => {
    const given = toList(value)
    if (given === undefined) return {}
    if (!Array.isArray(given)) {
      if (typeof given === 'object' && given !== null) return given as Record<string, unknown>
      context.addIssue(mismatch(given, form, 'object'))
      return z.NEVER
    }
    const map = new Map<string, unknown>()
    for (const text of given as string[]) {
      const [, name, assigned] = /^([^=]*)=(.*)$/s.exec(text) ?? []
      if (name === undefined) context.addIssue(mismatch(redact(text), form, 'string'))
      else if (map.has(name)) context.addIssue({ code: 'custom', message: `${name} is set twice` })
      else map.set(name, assigned)
    }
    return Object.fromEntries(map)
  })
