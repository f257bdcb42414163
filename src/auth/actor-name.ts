import { RESERVED_NAMES } from './roles.ts'

/** OpenID Connect allows a `sub` no more characters. */
const MOST_CHARACTERS = 255

/** What cannot be seen, or changes the direction of what stands around it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Letters and digits that look like the Latin ones of the names that are reserved. */
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

/** A name as a hurried reader sees it: without case, accents, width and punctuation. */
const seen = (name: string): string =>
  [...name.normalize('NFKD').toLowerCase()]
    .map(character => LOOK_ALIKES[character] ?? character)
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')

const RESERVED = new Set(RESERVED_NAMES.map(seen))

/** Whether a name may stand in an event as who acted: it can be read, and is taken for nobody else's. */
export const isActorName = (name: string): boolean => {
  const { length } = [...name]
  return length >= 1 && length <= MOST_CHARACTERS && name.trim() === name && !UNSEEN.test(name) && !isReserved(name)
}

/** Whether a name is, or looks like, one that events give to others than those who show a token. */
export const isReserved = (name: string): boolean => RESERVED.has(seen(name))
