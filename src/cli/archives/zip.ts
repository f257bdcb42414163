import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly content: string | Uint8Array
}

const VERSION = 20
const UTF8_NAMES = 0x0800
const DEFLATED = 8
const MOST_ENTRIES = 0xffff

/** MS-DOS date and time, which count from 1980 in steps of two seconds. */
const dosTime = (time: Date): number =>
  (((time.getUTCFullYear() - 1980) << 25) |
    ((time.getUTCMonth() + 1) << 21) |
    (time.getUTCDate() << 16) |
    (time.getUTCHours() << 11) |
    (time.getUTCMinutes() << 5) |
    (time.getUTCSeconds() >> 1)) >>>
  0

const fields = (...values: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer => {
  const buffer = Buffer.alloc(values.reduce((sum, [bytes]) => sum + bytes, 0))
  let at = 0
  for (const [bytes, value] of values) at = buffer.writeUIntLE(value, at, bytes)
  return buffer
}

/** @throws RangeError for more than 65,535 files or 4 GB */
export const packZip = (entries: readonly ZipEntry[], time: Date): Buffer => {
  if (entries.length > MOST_ENTRIES) throw new RangeError(`an archive holds at most ${MOST_ENTRIES} files`)
  const [files, directory]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const entry of entries) {
    const [name, content] = [Buffer.from(entry.name), Buffer.from(entry.content)]
    const packed = deflateRawSync(content)
    const common = fields(
      [2, VERSION],
      [2, UTF8_NAMES],
      [2, DEFLATED],
      [4, dosTime(time)],
      [4, crc32(content)],
      [4, packed.length],
      [4, content.length],
      [2, name.length],
      [2, 0],
    )
    const file = Buffer.concat([fields([4, 0x04034b50]), common, name, packed])
    const rest = fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset])
    directory.push(fields([4, 0x02014b50], [2, VERSION]), common, rest, name)
    files.push(file)
    offset += file.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const count = entries.length
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0])
  return Buffer.concat([...files, ...directory, end])
}
