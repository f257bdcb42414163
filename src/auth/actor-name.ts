import { RESERVED_NAMES } from './roles.ts'

/** The most that OpenID Connect allows in a `sub`. */
const MAX_CHARACTERS = 255

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Letters and digits that look like Latin letters of the reserved names. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  α: 'a',
  ɑ: 'a',
  ɡ: 'g',
  ց: 'g',
  ԍ: 'g',
  е: 'e',
  ε: 'e',
  ҽ: 'e',
  ℮: 'e',
  п: 'n',
  ո: 'n',
  η: 'n',
  т: 't',
  τ: 't',
  о: 'o',
  ο: 'o',
  օ: 'o',
  '0': 'o',
  у: 'y',
  γ: 'y',
  м: 'm',
  υ: 'u',
  ս: 'u',
  ѕ: 's',
}

const skeletonOf = (name: string): string =>
  [...name.normalize('NFKD').toLowerCase()]
    .map(character => LOOK_ALIKES[character] ?? character)
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')

const RESERVED = new Set(RESERVED_NAMES.map(skeletonOf))

export const isActorName = (name: string): boolean => {
  const { length } = [...name]
  return length >= 1 && length <= MAX_CHARACTERS && name.trim() === name && !INVISIBLE.test(name) && !isReserved(name)
}

export const isReserved = (name: string): boolean => RESERVED.has(skeletonOf(name))
