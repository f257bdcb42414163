import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUtf8, NotUtf8 } from '../../src/lib/utf8.ts'
import fc from '../support/fast-check.ts'

test('utf8Text › decodes every encoded text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => assert.equal(decodeUtf8(Buffer.from(text)), text)))
  assert.equal(decodeUtf8(Buffer.from('\uFFFD is a character, too')), '\uFFFD is a character, too')
})

test('utf8Text › throws NotUtf8 with the offset and line of the first invalid byte', () => {
  const cases: [string, number[], number, number][] = [
    ['a byte of another encoding', [...Buffer.from('a: é\nb: caf'), 0xe9], 12, 2],
    ['a character that is cut off', [...Buffer.from('a\n\n'), 0xe2, 0x82], 3, 3],
    ['a surrogate', [0x61, 0xed, 0xa0, 0x80, 0x62], 1, 1],
    ['a character written too long', [0xc0, 0xaf], 0, 1],
    ['one past the last', [0xf4, 0x90, 0x80, 0x80], 0, 1],
    ['a continuation alone', [0x41, 0x80], 1, 1],
  ]
  for (const [what, bytes, offset, line] of cases)
    assert.throws(
      () => decodeUtf8(Uint8Array.from(bytes)),
      (error: unknown) => {
        assert.ok(error instanceof NotUtf8, what)
        assert.deepEqual([error.offset, error.line], [offset, line], what)
        return true
      },
    )
})

test('utf8Text › agrees with TextDecoder about any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const lossy = Buffer.from(bytes).toString('utf8')
      const isText = Buffer.from(lossy).equals(bytes)
      if (isText) assert.equal(decodeUtf8(bytes), lossy)
      else
        assert.throws(
          () => decodeUtf8(bytes),
          (error: unknown) =>
            error instanceof NotUtf8 &&
            Buffer.from(Buffer.from(bytes.subarray(0, error.offset)).toString()).equals(
              bytes.subarray(0, error.offset),
            ),
        )
    }),
  )
})
