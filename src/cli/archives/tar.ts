export interface TarEntry {
  /** At most 100 characters of ASCII. */
  readonly name: string
  readonly text: string
}

const BLOCK = 512
const MODE = 0o600
const REGULAR_FILE = '0'
/** Stand in for the checksum while it is computed. */
const BLANKS = ' '.repeat(8)

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`

const headerOf = (name: string, size: number, seconds: number): Buffer => {
  const header = Buffer.alloc(BLOCK)
  const write = (checksum: string): void => {
    const fields = [
      name.padEnd(100, '\0'),
      octal(MODE, 8),
      octal(0, 8),
      octal(0, 8),
      octal(size, 12),
      octal(seconds, 12),
    ]
    header.write(`${fields.join('')}${checksum}${REGULAR_FILE}`, 'latin1')
    header.write('ustar\x0000', 257, 'latin1')
  }
  write(BLANKS)
  const sum = header.reduce((total, byte) => total + byte, 0)
  write(`${octal(sum, 7)} `)
  return header
}

/** @param time of all entries, in milliseconds */
export const packTar = (entries: readonly TarEntry[], time: number): Buffer => {
  const seconds = Math.floor(time / 1000)
  const blocks = entries.flatMap(({ name, text }) => {
    const content = Buffer.from(text)
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [headerOf(name, content.length, seconds), content, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)])
}
