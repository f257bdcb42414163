/** What cannot be seen, or has what stands around it read in another order. */
const UNSEEN = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const codeOf = (character: string): string =>
  `<U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}>`

/** A router's words, or a name, may hold anything; what is printed is lines of text, in which nothing is hidden. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').replace(UNSEEN, codeOf)
