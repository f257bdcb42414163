/** Terminals execute some of these; JSON does not escape them. */
const CONTROLS = /[\u007f-\u009f]/g

export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(CONTROLS, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const humanize = (property: string): string =>
  property.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

/** `a, b or c`. Loading Intl is slow. */
export const alternatives = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

/** Decimal units, as of disks: `41 kB`, `404.0 MB`. */
export const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
