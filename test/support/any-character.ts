import fc from './fast-check.ts'

/** Halves of pairs are no characters. */
const HALVES = { first: 0xd800, count: 0x800 }

/**
 * Any character that there is, as the unit of a text. It is the same as fast-check's own 'binary', which first makes a list
 * of all of them: that takes two seconds, whatever is tested.
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
