import { z } from 'zod'
import { mismatch } from '../../schemas/validation.ts'

/** A flag may be given several times; a variable has commas between. */
const wordsOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value
  return value === '' ? [] : value.split(',')
}

/**
 * A map as `hark.yaml` has it, or as flags and variables write one: `NAME=VALUE`, a name once.
 *
 * @param form what a word is to look like
 * @param shown what of a wrong word may be told
 */
export const assignments = (form: string, shown: (text: string) => string = text => text) =>
  z.unknown().transform((value, context): Record<string, unknown> => {
    const given = wordsOf(value)
    if (given === undefined) return {}
    if (!Array.isArray(given)) {
      if (typeof given === 'object' && given !== null) return given as Record<string, unknown>
      context.addIssue(mismatch(given, form, 'object'))
      return z.NEVER
    }
    const map: Record<string, unknown> = {}
    for (const text of given as string[]) {
      const [, name, assigned] = /^([^=]*)=(.*)$/s.exec(text) ?? []
      if (name === undefined) context.addIssue(mismatch(shown(text), form, 'string'))
      else if (Object.hasOwn(map, name)) context.addIssue({ code: 'custom', message: `${name} is given twice` })
      else map[name] = assigned
    }
    return map
  })
