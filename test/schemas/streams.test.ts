import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  connectorStream,
  endpointStream,
  listenerStream,
  routerStream,
  siteStream,
} from '../../schemas/events/streams.ts'
import { hostName, namespaceName, resourceName } from '../../schemas/resources/names.ts'
import fc, { runs } from '../support/fast-check.ts'

const endpoint = (host: string, port = 8080): string => endpointStream('west', host, port)

describe('stream names', () => {
  it('contain prefix, namespace and name', () => {
    assert.equal(listenerStream('west', 'backend'), 'listener-west.backend')
    assert.equal(connectorStream('west', 'backend'), 'connector-west.backend')
    assert.equal(siteStream('west'), 'site-west')
    assert.equal(routerStream('west'), 'router-west')
    assert.equal(endpoint('backend'), 'endpoint-west.backend:8080')
  })
})

/** Names that are easily taken for others: of few characters, dots and hyphens among them. */
const part = fc.stringMatching(/^[ab]([-ab]{0,3}[ab])?$/)
const subject = fc.record({
  stream: fc.constantFrom(listenerStream, connectorStream),
  namespace: part,
  name: fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('.')),
})

describe('listenerStream and connectorStream', () => {
  it('are unique for any names with dots and hyphens', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        assert.ok(namespaceName.safeParse(one.namespace).success && resourceName.safeParse(one.name).success)
        const isSame = one.stream === other.stream && one.namespace === other.namespace && one.name === other.name
        assert.equal(one.stream(one.namespace, one.name) === other.stream(other.namespace, other.name), isSame)
      }),
      runs(500),
    )
  })
})

describe('endpointStream', () => {
  for (const [one, other] of [
    ['Backend.Example', 'backend.example'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:DB8::1', '2001:db8:0:0:0::1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ] as const) {
    it(`is equal for ${one} and ${other}`, () => assert.equal(endpoint(one), endpoint(other)))
  }

  it('differs for another namespace, host or port', () => {
    const streams = [
      endpoint('backend'),
      endpoint('backend', 8081),
      endpoint('backend2'),
      endpoint('::1'),
      endpoint('::2'),
      endpoint('127.0.0.1'),
      endpointStream('east', 'backend', 8080),
    ]
    assert.equal(new Set(streams).size, streams.length)
  })

  it('accepts every valid host', () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()).filter(text => hostName.safeParse(text).success)
    fc.assert(
      fc.property(host, text => {
        const stream = endpoint(text)
        assert.equal(endpoint(text.toUpperCase()), stream)
        assert.match(stream, /^endpoint-west\.\S+:8080$/)
      }),
    )
  })
})
