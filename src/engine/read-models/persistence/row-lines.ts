export type WrittenRow = readonly [key: string, row: string | undefined]

const GONE = ''

/** A thread receives one long text far faster than many short ones. */
export const toLines = (rows: readonly WrittenRow[]): string =>
  rows.map(([key, row]) => `${JSON.stringify(key)}\n${row ?? GONE}`).join('\n')

export const fromLines = (lines: string): WrittenRow[] => {
  const parts = lines.split('\n')
  const rows: WrittenRow[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const row = parts[at + 1] as string
    rows.push([JSON.parse(parts[at] as string), row === GONE ? undefined : row])
  }
  return rows
}
