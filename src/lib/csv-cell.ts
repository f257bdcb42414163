import { printable } from './printable.ts'

/**
 * Beginnings that a spreadsheet computes, including full-width forms behind blanks and quotes. An apostrophe is
 * included to keep escaping reversible.
 */
const FORMULA = /^[\s\p{Cf}"]*['=+\-@＝＋－＠]/u
/** Some spreadsheets separate cells by these characters instead of commas. */
const FORMULA_INSIDE = /([;|][\s\p{Cf}"]*)(?=['=+\-@＝＋－＠])/gu

/** Removing the apostrophes, which prevent formula injection, restores the text. */
export const csvCell = (text: string): string => {
  const line = printable(text).replace(FORMULA_INSIDE, "$1'")
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",;|]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
