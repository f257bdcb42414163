import type { Position } from './recorded-event.ts'

const WIDTH = 16

/** A position as clients see it: padded, so that later ones are greater as texts too. */
export const formatPosition = (position: Position): string => String(position).padStart(WIDTH, '0')

/** A position as clients write it, padded or not; undefined for a text that is none. */
export const parsePosition = (text: string): Position | undefined => {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const position = Number(text)
  return Number.isSafeInteger(position) ? position : undefined
}
