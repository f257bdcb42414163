import { createRequire } from 'node:module'

const ONE_COLUMN_EACH = /^[ -~]*$/

let measure: ((text: string) => number) | undefined

/** Columns in a terminal, where some characters take two and some none. The library is loaded for such texts only. */
export const widthOf = (text: string): number => {
  if (ONE_COLUMN_EACH.test(text)) return text.length
  measure ??= createRequire(import.meta.url)('string-width').default as (text: string) => number
  return measure(text)
}
