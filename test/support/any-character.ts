import fc from './fast-check.ts'

/** Surrogates are no characters. */
const HALVES = { first: 0xd800, count: 0x800 }

/**
 * Any character, as the unit of a text. Equals fast-check's 'binary', which spends two seconds on a list of all characters.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - HALVES.count }).map(
  index => String.fromCodePoint(index < HALVES.first ? index : index + HALVES.count),
  text => {
    const code = typeof text === 'string' ? text.codePointAt(0) : undefined
    if (code === undefined || String.fromCodePoint(code) !== text) throw new Error('it is no character')
    if (code < HALVES.first) return code
    if (code < HALVES.first + HALVES.count) throw new Error('it is half a character')
    return code - HALVES.count
  },
)
