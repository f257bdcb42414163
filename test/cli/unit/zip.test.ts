import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { packZip } from '../../../src/cli/archives/zip.ts'

describe('packZip', () => {
  it('writes the content, name, size and time of a file', () => {
    const archive = packZip([{ name: 'a/ü.txt', content: 'text' }], new Date('2026-02-03T04:05:06Z'))
    const nameLength = archive.readUInt16LE(26)
    const begin = 30 + nameLength
    assert.equal(archive.toString('utf8', 30, begin), 'a/ü.txt')
    assert.equal(inflateRawSync(archive.subarray(begin, begin + archive.readUInt32LE(18))).toString(), 'text')
    assert.equal(archive.readUInt32LE(22), 4)
    const [time, day] = [archive.readUInt16LE(10), archive.readUInt16LE(12)]
    assert.deepEqual([day >> 9, (day >> 5) & 15, day & 31], [46, 2, 3])
    assert.deepEqual([time >> 11, (time >> 5) & 63, (time & 31) * 2], [4, 5, 6])
  })

  it('rejects more files than an archive can hold', () => {
    const entries = Array.from({ length: 65_536 }, (_, index) => ({ name: String(index), content: '' }))
    assert.throws(() => packZip(entries, new Date(0)), /at most 65535 files/)
  })
})
