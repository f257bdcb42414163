import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLru } from '../../src/lib/lru.ts'

test('createLru › keeps the entries used last, and drops others', () => {
  const lru = createLru<number, string>(100)
  for (let key = 0; key < 1000; key += 1) {
    lru.set(key, `value ${key}`)
    assert.equal(lru.get(0), 'value 0')
  }
  for (let key = 902; key < 1000; key += 1) assert.equal(lru.get(key), `value ${key}`)
  assert.equal(lru.get(500), undefined)
})

test('createLru › returns the newest value of a key', () => {
  const lru = createLru<string, number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.set('a', 3)
  assert.equal(lru.get('a'), 3)
})

test('createLru › forgets deleted entries, and all entries when cleared', () => {
  const lru = createLru<string, number>(2)
  for (const key of ['a', 'b', 'c']) lru.set(key, 1)
  lru.delete('a')
  lru.delete('c')
  assert.deepEqual([lru.get('a'), lru.get('b'), lru.get('c')], [undefined, 1, undefined])
  lru.clear()
  assert.equal(lru.get('b'), undefined)
})
