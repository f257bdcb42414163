/** What cannot be seen, or has what stands around it read in another order. */
const UNSEEN = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const codeOf = (character: string): string =>
  `<U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}>`

/** A router's words, or a name, may hold anything; what is printed is lines of text, in which nothing is hidden. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').replace(UNSEEN, codeOf)

/** JSON leaves these as they are, and terminals take some of them for commands. */
const CONTROLS = /[\u007f-\u009f]/g

/** A value as JSON in one line that is safe to show on a terminal. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(CONTROLS, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A property's name as people say it: `routingKey` is the routing key. */
export const words = (property: string): string =>
  property.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as HTML and SVG show it, in an element or an attribute. */
export const escaped = (text: string): string =>
  printable(text).replace(/[&<>"']/g, character => ENTITIES[character] as string)
