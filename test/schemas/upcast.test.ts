import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { schemaVersion, type Upcasters, upcastEvent } from '../../schemas/events/upcast.ts'

const recorded = (version: number, data: unknown, type = 'PortUpdated'): RecordedEvent => ({
  position: 1,
  stream: 'listener-west.backend',
  revision: 0,
  id: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11',
  type,
  time: '2026-11-23T10:00:00.000Z',
  data,
  metadata: { schemaVersion: version, actor: 'alice', correlationId: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11' },
})

/** Version 1 has the port as a text, version 2 lacks the previous one. */
const upcasters: Upcasters = {
  PortUpdated: [
    data => ({ port: Number((data as { port: string }).port) }),
    data => ({ ...(data as object), previous: 0 }),
  ],
}

describe('upcastEvent', () => {
  for (const [version, written] of [
    [1, { port: '9090' }],
    [2, { port: 9090 }],
    [3, { port: 9090, previous: 0 }],
  ] as const) {
    it(`upcasts version ${version} to the newest`, () => {
      assert.deepEqual(upcastEvent(recorded(version, written), upcasters), {
        ...recorded(version, { port: 9090, previous: 0 }),
      })
    })
  }

  it('leaves the recorded event unchanged', () => {
    const event = recorded(1, Object.freeze({ port: '9090' }))
    upcastEvent(Object.freeze(event), upcasters)
    assert.deepEqual(event.data, { port: '9090' })
  })

  it('is one version per upcaster, from 1: schemaVersion', () => {
    assert.equal(schemaVersion('PortUpdated', upcasters), 3)
    assert.equal(schemaVersion('HostUpdated', upcasters), 1)
  })
})

describe('upcastEvent by type', () => {
  it('returns an event without older versions as it is', () => {
    const event = recorded(1, { anything: true }, 'HostUpdated')
    assert.deepEqual(upcastEvent(event, upcasters), event)
  })

  for (const type of ['ListenerRenamed', 'constructor', '__proto__']) {
    it(`returns undefined for the unknown type ${type}`, () => {
      assert.equal(upcastEvent(recorded(1, {}, type), upcasters), undefined)
    })
  }
})
