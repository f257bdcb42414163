import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changeText } from '../../../src/cli/history/event-text.ts'
import { duration } from '../../../src/cli/options.ts'
import { fieldLines } from '../../../src/cli/output/fields.ts'
import { sizeText } from '../../../src/cli/output/text.ts'
import { age } from '../../../src/cli/output/time.ts'

describe('age', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z')
  for (const [time, expected] of [
    ['2026-11-23T11:59:15.400Z', '44s'],
    ['2026-11-23T11:58:01.000Z', '119s'],
    ['2026-11-23T11:48:00.000Z', '12m'],
    ['2026-11-22T13:00:00.000Z', '23h'],
    ['2026-11-13T12:00:00.000Z', '10d'],
    ['2026-11-23T12:00:03.000Z', '0s'],
  ] as const) {
    it(`returns ${expected} for ${time}`, () => assert.equal(age(time, now), expected))
  }
})

describe('duration', () => {
  it('adds up units', () => {
    assert.equal(duration('500ms'), 500)
    assert.equal(duration('60s'), 60_000)
    assert.equal(duration('1h1m30s'), 3_690_000)
  })

  for (const text of ['', '5', '5x', 's', '-1s', '1s ']) {
    it(`rejects ${JSON.stringify(text)}`, () => assert.throws(() => duration(text), /60s, 2m or 1h/))
  }
})

describe('sizeText', () => {
  for (const [bytes, expected] of [
    [40_960, '41 kB'],
    [999_400, '999 kB'],
    [404_000_000, '404.0 MB'],
  ] as const) {
    it(`returns ${expected} for ${bytes} bytes`, () => assert.equal(sizeText(bytes), expected))
  }
})

describe('fieldLines', () => {
  it('aligns values and omits empty ones', () => {
    const fields = { routingKey: 'backend', UID: '1', settings: { observer: 'auto', x: 'y' }, other: {} }
    assert.deepEqual(fieldLines(fields), [
      'Routing key:   backend',
      'UID:           1',
      'Settings:      observer=auto, x=y',
    ])
  })
})

describe('changeText', () => {
  const resource = { namespace: 'west', name: 'backend', uid: '1' }

  it('describes the endpoint of a new listener', () => {
    const spec = { routingKey: 'key', host: 'backend', port: 8080, settings: {} }
    assert.equal(changeText({ data: { ...resource, spec } }), 'routing key key, backend:8080')
  })

  it('describes the target of a new connector', () => {
    const spec = { routingKey: 'key', selector: 'app=backend', port: 8080 }
    assert.equal(changeText({ data: { ...resource, spec } }), 'routing key key, app=backend:8080')
  })

  it('describes the routing keys and the endpoint of a new MultiKeyListener', () => {
    const spec = { host: 'backend', port: 8080, strategy: { priority: { routingKeys: ['east', 'north'] } } }
    assert.equal(changeText({ data: { ...resource, spec } }), 'routing keys east,north, backend:8080')
    const weighted = { ...spec, strategy: { weighted: { routingKeys: { east: 3, north: 1 } } } }
    assert.equal(changeText({ data: { ...resource, spec: weighted } }), 'routing keys east=3,north=1, backend:8080')
  })

  it('describes the routing keys of a MultiKeyListener before and after', () => {
    const previous = { port: 1, strategy: { weighted: { routingKeys: { east: 3, north: 1 } } } }
    const spec = { port: 1, strategy: { weighted: { routingKeys: { east: 1, north: 1 } } } }
    assert.equal(changeText({ data: { ...resource, previous, spec } }), 'strategy east=3,north=1 → east=1,north=1')
  })

  it('describes one property before and after', () => {
    assert.equal(changeText({ data: { ...resource, generation: 2, port: 9090, previous: 8080 } }), 'port 8080 → 9090')
    const later = { ...resource, exposePodsByName: true, generation: 2, previous: false, uid: 'a' }
    assert.equal(changeText({ data: later }), 'expose pods by name false → true')
    const data = { ...resource, generation: 2, routingKey: 'b', previous: 'a' }
    assert.equal(changeText({ data }), 'routing key a → b')
  })

  it('describes every property in which two specs differ', () => {
    const data = {
      ...resource,
      previous: { host: 'a', port: 1, settings: {} },
      spec: { selector: 'x=y', port: 2, settings: {} },
    }
    assert.equal(changeText({ data }), 'host a → unset, port 1 → 2, selector unset → x=y')
  })

  it('returns the message of a router', () => {
    assert.equal(changeText({ data: { ...resource, message: 'address in use' } }), 'address in use')
  })

  it('is empty for an event without details', () => {
    assert.equal(changeText({ data: resource }), '')
  })
})
