import { printable } from './printable.ts'

/** Beginnings that a spreadsheet computes. An apostrophe is included to keep escaping reversible. */
const FORMULA = /^[\s\p{Cf}"]*['=+\-@＝＋－＠]/u
/** Some spreadsheets separate cells by these. */
const FORMULA_INSIDE = /([;|][\s\p{Cf}"]*)(?=['=+\-@＝＋－＠])/gu

/** Removing the apostrophes restores the text. */
export const csvCell = (text: string): string => {
  const line = printable(text).replace(FORMULA_INSIDE, "$1'")
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",;|]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
