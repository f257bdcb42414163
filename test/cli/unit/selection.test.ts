import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONDITIONED_KINDS, KINDS } from '../../../src/cli/resources/kinds.ts'
import { oneResource, selectionOf } from '../../../src/cli/resources/selection.ts'

const selected = (text: string): string[] =>
  selectionOf(text.split(' '), KINDS).map(({ kind, names }) => `${kind.kind}: ${names.join(' ')}`)

describe('selectionOf', () => {
  for (const text of ['listener', 'Listeners', 'LNR', 'listeners.skupper.io', 'listener.v2alpha1.skupper.io']) {
    it(`reads ${text} as the kind Listener`, () => assert.deepEqual(selected(text), ['Listener: ']))
  }

  for (const [text, expected] of [
    ['st', ['Site: ']],
    ['listener a b a', ['Listener: a b']],
    ['listeners,cnr', ['Listener: ', 'Connector: ']],
    ['mkl', ['MultiKeyListener: ']],
    ['all', ['Listener: ', 'Connector: ', 'MultiKeyListener: ', 'Site: ']],
    ['listener/a Connector/a lnr/b', ['Listener: a b', 'Connector: a']],
    ['listener.skupper.io/a', ['Listener: a']],
  ] as const) {
    it(`reads "${text}"`, () => assert.deepEqual(selected(text), expected))
  }

  for (const [text, message] of [
    ['pods', /^'pods' is invalid as a kind: must be one of listeners, connectors, multikeylisteners, sites/],
    ['listener listener/a', /^'listener' stands beside KIND\/NAME/],
    ['listener/a/b', /^'listener\/a\/b' is invalid: must be KIND\/NAME$/],
    ['listener/', /^'listener\/' is invalid: must be KIND\/NAME$/],
    ['all a', /^'all' takes no names/],
  ] as const) {
    it(`rejects "${text}"`, () => assert.throws(() => selected(text), { message, status: 2 }))
  }
})

describe('oneResource', () => {
  for (const words of [
    ['listener', 'a'],
    ['LNR/a', undefined],
  ]) {
    it(`reads "${words.join(' ').trim()}"`, () => {
      const { kind, name } = oneResource(words, CONDITIONED_KINDS)
      assert.deepEqual([kind.kind, name], ['Listener', 'a'])
    })
  }

  for (const [words, message] of [
    [['listener'], 'the name of a listener is missing'],
    [['listener/a', 'connector/a'], 'takes one resource only'],
    [['listener', 'a', 'b'], 'takes one resource only'],
  ] as const) {
    it(`rejects "${words.join(' ')}"`, () =>
      assert.throws(() => oneResource(words, CONDITIONED_KINDS), { message, status: 2 }))
  }
})
