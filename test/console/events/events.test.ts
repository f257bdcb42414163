import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import {
  describeEvent,
  explainMessage,
  explainType,
  messageOf,
  shortMessage,
  subjectOf,
} from '../../../src/console/events/describe-event.ts'
import { attributeDifferences, mergeRows, stateDifferences } from '../../../src/console/events/difference.ts'
import { isAbout, ROUTER_TYPES, SITE_TYPES } from '../../../src/console/events/event-scope.ts'
import { ROOT } from '../../support/tree.ts'

interface Fixture {
  readonly type: string
  readonly stream: string
  readonly data: Readonly<Record<string, unknown>>
}

const fixtures = globSync('test/fixtures/events/*.json', { cwd: ROOT }).map(
  (file): Fixture => JSON.parse(readFileSync(`${ROOT}/${file}`, 'utf8')),
)

const event = (type: string, stream: string, data: object = {}) => ({ type, stream, data })

const state = (status: string, port: number, message = '') => ({
  spec: { port, host: 'backend' },
  status: {
    laneStatus: status,
    conditions: [{ type: 'Ready', status: status === 'Ready' ? 'True' : 'False', reason: status, message }],
  },
})

describe('events in words', () => {
  test('describes every type of event in words', () => {
    for (const fixture of fixtures) assert.match(describeEvent(fixture), /^[A-Z](?!.*undefined)[^{}]+$/, fixture.type)
  })

  test('describes an event whose data is not loaded without gaps', () => {
    for (const { type, stream } of fixtures)
      assert.doesNotMatch(describeEvent(event(type, stream)), /undefined|null|\{|[ :]$| {2}/, type)
    assert.equal(describeEvent(event('PortUpdated', '')), 'Port moved')
  })

  test('states the ports of a move', () => {
    const moved = event('PortUpdated', 'listener-west.backend', { previous: 9090, port: 7070 })
    assert.equal(describeEvent(moved), 'Port moved from 9090 to 7070')
  })

  test('names the fields of a spec that changed', () => {
    const [previous, spec] = [
      { host: 'all', port: 80, settings: { a: '1' } },
      { host: 'all', port: 81, settings: {}, observer: 'none' },
    ]
    const updated = event('MultiKeyListenerUpdated', 'multi-key-listener-west.all', { previous, spec })
    assert.equal(describeEvent(updated), 'Spec changed: port, settings, observer')
    assert.equal(describeEvent(event('MultiKeyListenerUpdated', '')), 'Spec changed')
  })

  test('states that a router does not report who altered its configuration', () => {
    assert.match(explainType('ListenerDrifted') ?? '', /does not report who/)
    assert.match(explainType('ConnectorDrifted') ?? '', /does not report who/)
    assert.equal(explainType('PortUpdated'), undefined)
  })

  test('names the resource of a stream', () => {
    assert.deepEqual(subjectOf(event('PortUpdated', 'listener-a-b.back.end')), {
      kind: 'Listener',
      namespace: 'a-b',
      name: 'back.end',
    })
    assert.deepEqual(subjectOf(event('SiteCreated', 'site-west')), { kind: 'Site', namespace: 'west', name: 'west' })
    assert.equal(subjectOf(event('TokenCreated', 'tokens-log')), undefined)
  })

  test('names the listener or connector of which a router reports', () => {
    const report = event('ListenerFailedToOpen', 'router-west', { name: 'backend' })
    assert.deepEqual(subjectOf(report), { kind: 'Listener', namespace: 'west', name: 'backend' })
    const seen = event('ConnectorSeen', 'router-west', { name: 'backend' })
    assert.deepEqual(subjectOf(seen), { kind: 'Router', namespace: 'west', name: 'west' })
  })

  test('selects every event of a router by its type', () => {
    const types = fixtures.filter(each => subjectOf(each)?.kind === 'Router').map(({ type }) => type)
    assert.deepEqual([...new Set(types)].sort(), [...ROUTER_TYPES].sort())
  })

  test('selects every event of a site by its type', () => {
    const types = fixtures.filter(each => subjectOf(each)?.kind === 'Site').map(({ type }) => type)
    assert.deepEqual([...new Set(types)].sort(), [...SITE_TYPES].sort())
  })

  test('distinguishes a listener from a connector with its name', () => {
    const listener = { kind: 'Listener', namespace: 'west', name: 'backend' } as const
    assert.ok(isAbout(event('PortUpdated', 'listener-west.backend'), listener))
    assert.ok(isAbout(event('ListenerOpened', 'router-west'), listener))
    assert.ok(!isAbout(event('ConnectorAccepted', 'router-west'), listener))
    assert.ok(!isAbout(event('ConnectorCreated', 'connector-west.backend'), listener))
  })

  test('quotes the message of a router, and explains a port in use', () => {
    const message = 'Address already in use - listen on backend:7070'
    assert.equal(messageOf(event('ListenerFailedToOpen', 'router-west', { message })), message)
    assert.match(explainMessage(message) ?? '', /^Another program .*backend:7070/)
    const held = `${message} (held by report-server, process 4711)`
    assert.match(explainMessage(held) ?? '', /^The program report-server \(process 4711\) .*backend:7070/)
    assert.equal(explainMessage('No matching connectors'), undefined)
    assert.equal(shortMessage(message), 'backend:7070 in use by another program')
    assert.equal(shortMessage(held), 'backend:7070 in use by report-server, process 4711')
    assert.equal(shortMessage('No matching connectors'), 'No matching connectors')
  })
})

describe('differences', () => {
  test('lists changed fields only, the status first', () => {
    assert.deepEqual(stateDifferences(state('Ready', 9090), state('Error', 7070, 'in use')), [
      { field: 'status', before: 'Ready', after: 'Error' },
      { field: 'port', before: '9090', after: '7070' },
      { field: 'Ready', before: 'True', after: 'False (Error): in use' },
    ])
  })

  test('lists all fields of what is created or deleted', () => {
    assert.deepEqual(
      stateDifferences(null, state('Ready', 1)).map(({ before }) => before),
      Array(4).fill(undefined),
    )
    assert.deepEqual(attributeDifferences({ port: '1' }, undefined), [{ field: 'port', before: '1', after: undefined }])
  })

  test('lists nothing for equal states', () => {
    assert.deepEqual(stateDifferences(state('Ready', 1), state('Ready', 1)), [])
  })
})

describe('rows of what an event changed', () => {
  test('are one where fields changed in the same way', () => {
    const row = (field: string, after: string) => ({ field, before: 'True', after })
    assert.deepEqual(mergeRows([row('Configured', 'False'), row('status', 'Error'), row('Ready', 'False')]), [
      row('Configured, Ready', 'False'),
      row('status', 'Error'),
    ])
  })
})
