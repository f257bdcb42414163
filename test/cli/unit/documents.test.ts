import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments, type SourceDocument } from '../../../src/cli/manifests/documents.ts'

const read = (text: string) => readDocuments({ name: 'all.yml', text })

const documents = (text: string): SourceDocument[] =>
  read(text).map(each => {
    assert.ok('document' in each, JSON.stringify(each))
    return each.document
  })

const faults = (text: string): string[] => read(text).flatMap(each => ('fault' in each ? [each.fault] : []))

describe('readDocuments', () => {
  it('skips empty documents', () => {
    const text = '---\na: 1\n---\n---\n# nothing\n---\nb: 2\n'
    assert.deepEqual(
      documents(text).map(({ value }) => value),
      [{ a: 1 }, { b: 2 }],
    )
  })

  it('returns nothing for an empty source', () => {
    assert.deepEqual(read(''), [])
    assert.deepEqual(read('# only words\n'), [])
  })

  it('reads JSON with any indentation', () => {
    const value = { kind: 'Listener', metadata: { name: 'a' }, list: [1, 'two', null, true] }
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, '\t')]) {
      assert.deepEqual(documents(text)[0]?.value, value)
    }
  })

  it('replaces a List by its items', () => {
    const [first, second, ...more] = documents(
      'apiVersion: v1\nkind: List\nitems:\n- kind: A\n- kind: B\n  spec:\n    port: 1\n',
    )
    assert.deepEqual([first?.value, second?.value, more], [{ kind: 'A' }, { kind: 'B', spec: { port: 1 } }, []])
    assert.equal(second?.where('spec.port'), 'all.yml:7')
  })

  it('resolves anchors and merge keys', () => {
    const [document] = documents('base: &base { a: 1 }\nmore: { <<: *base, b: 2 }\n')
    assert.deepEqual(document?.value, { base: { a: 1 }, more: { a: 1, b: 2 } })
  })
})

describe('SourceDocument.where', () => {
  const text =
    '# listener\nkind: Listener\nspec:\n  host: a\n  settings:\n    observer: auto\n---\nkind: Connector\nitems:\n- 1\n- 2\n'
  const [first, second] = documents(text)

  it('returns the line, and the document if there are several', () => {
    assert.equal(first?.where('spec.settings.observer'), 'all.yml:6 (document 1)')
    assert.equal(second?.where('items[1]'), 'all.yml:11 (document 2)')
  })

  it('returns the line of the nearest parent of a missing value', () => {
    assert.equal(first?.where('spec.port'), 'all.yml:4 (document 1)')
    assert.equal(first?.where('metadata.name'), 'all.yml:2 (document 1)')
    assert.equal(first?.where(''), 'all.yml:2 (document 1)')
  })
})

describe('readDocuments on invalid YAML', () => {
  it('reads the other documents', () => {
    const [good, bad, alsoGood] = read('a: 1\n---\nb: [1\n---\nc: 3\n')
    assert.ok(good !== undefined && 'document' in good)
    assert.match(bad !== undefined && 'fault' in bad ? bad.fault : '', /^all\.yml:\d+ \(document 2\): Flow sequence/)
    assert.ok(alsoGood !== undefined && 'document' in alsoGood)
  })

  it('rejects duplicate keys', () => {
    assert.deepEqual(faults('port: 1\nport: 2\n'), ['all.yml:2: Map keys must be unique'])
  })

  it('rejects exponential aliases', () => {
    const levels = Array.from({ length: 9 }, (_, index) => {
      const items = Array(9).fill(index === 0 ? 'x' : `*l${index - 1}`)
      return `l${index}: &l${index} [${items.join(', ')}]`
    })
    assert.match(faults(levels.join('\n'))[0] ?? '', /^all\.yml:1: Excessive alias count/)
  })
})
