const UNSEEN = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const codeOf = (character: string): string =>
  `<U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}>`

/** Removes control characters, and shows invisible ones as `<U+200B>`. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').replace(UNSEEN, codeOf)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string =>
  printable(text).replace(/[&<>"']/g, character => ENTITIES[character] as string)
