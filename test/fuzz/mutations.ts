import { anyCharacter } from '../support/any-character.ts'
import fc from '../support/fast-check.ts'

const isContainer = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null

/** Values of unexpected types. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    65_536,
    1e308,
    '',
    ' ',
    'a',
    '__proto__',
    '0',
    'null',
    '{}',
    '\u0000',
    '☃'.repeat(300),
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: anyCharacter, maxLength: 300 }),
)

/** Changes one property: replaces, removes or adds a value. */
const change = fc.record({
  way: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
  kind: fc.constantFrom('replace', 'remove', 'add', 'rename'),
  key: fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', 'name', 'spec', ''),
    fc.string({ maxLength: 8 }),
  ),
  value: anyValue,
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

const put = (container: Record<string, unknown> | unknown[], key: string, value: unknown): void => {
  if (Array.isArray(container)) container.push(value)
  else Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true })
}

const changed = (original: unknown, { way, kind, key, value: shared }: Change): unknown => {
  // Copies, because fast-check shrinks the original.
  const value = structuredClone(shared)
  if (!isContainer(original)) return kind === 'remove' ? undefined : value
  let container = original
  for (const [depth, step] of way.entries()) {
    const keys = Object.keys(container)
    const at = keys[step % Math.max(1, keys.length)]
    const inner = at === undefined ? undefined : (container as Record<string, unknown>)[at]
    if (depth < way.length - 1 && isContainer(inner)) {
      container = inner
      continue
    }
    if (kind === 'add' || at === undefined) put(container, key, value)
    else if (kind === 'replace') (container as Record<string, unknown>)[at] = value
    else {
      delete (container as Record<string, unknown>)[at]
      if (kind === 'rename') put(container, key, inner)
    }
    return original
  }
  return original
}

/** Returns a copy with some properties changed. */
export const mutation = (most = 4): fc.Arbitrary<{ readonly of: (original: unknown) => unknown }> =>
  fc
    .array(change, { minLength: 1, maxLength: most })
    .map(changes => ({ of: original => changes.reduce<unknown>(changed, structuredClone(original)) }))

/** One of these with some properties changed. */
export const mutated = (originals: fc.Arbitrary<unknown>, most = 4): fc.Arbitrary<unknown> =>
  fc.tuple(originals, mutation(most)).map(([original, { of }]) => of(original))

const cut = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 12 }),
  instead: fc.string({ unit: anyCharacter, maxLength: 12 }),
})

/** A text with some pieces removed or replaced. */
export const mutatedText = (originals: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(originals, fc.array(cut, { minLength: 1, maxLength: 4 })).map(([original, cuts]) =>
    cuts.reduce((text, { at, length, instead }) => {
      const begin = at % (text.length + 1)
      return text.slice(0, begin) + instead + text.slice(begin + length)
    }, original),
  )
