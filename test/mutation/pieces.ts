import { readFileSync } from 'node:fs'

/** Lines per piece; a change of several lines lies within one piece. */
const PIECE_LINES = 12

const FNV_OFFSET = 2166136261
const FNV_PRIME = 16777619

/** FNV-1a. */
const hash = (text: string): number => {
  let value = FNV_OFFSET
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME)
  return value >>> 0
}

/**
 * Samples a share of a file as Stryker's line ranges (`path:first-last`). A seed gives the same pieces on every machine.
 *
 * @param share percent
 */
export const drawPieces = (path: string, share: number, seed: number): string[] => {
  if (share >= 100) return [path]
  const lines = readFileSync(path, 'utf8').split('\n').length
  const pieces: string[] = []
  for (let first = 1; first <= lines; first += PIECE_LINES) {
    if (hash(`${seed}:${path}:${first}`) % 100 < share) pieces.push(`${path}:${first}-${first + PIECE_LINES - 1}`)
  }
  return pieces
}
