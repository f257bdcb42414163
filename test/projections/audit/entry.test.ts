import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type AuditEntry, auditEntry } from '../../../projections/audit/entry.ts'
import { fieldChanges } from '../../../projections/audit/field-changes.ts'
import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import fc from '../../support/fast-check.ts'

const FOLDER = new URL('../../fixtures/events/', import.meta.url)

/** Every type of event there is, in every version. */
const written = new Map(
  readdirSync(FOLDER).map(file => {
    const event = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
    return [file.replace('.json', ''), { ...event, position: 7 } as RecordedEvent]
  }),
)
const entryOf = (file: string): AuditEntry | undefined => auditEntry(written.get(file) as RecordedEvent)

const BOOKKEEPING = [
  'EndpointReserved.v1',
  'LeaseTaken.v1',
  'LeaseAsked.v1',
  'LeaseRenewed.v1',
  'LeaseReleased.v1',
  'CheckpointSigned.v1',
]

/** Expected values of some fields of each entry. */
const EXPECTED: Readonly<Record<string, Partial<Record<keyof AuditEntry, unknown>>>> = {
  'ListenerCreated.v1': { action: 'create', words: 'created', result: 'Done' },
  'RoutingKeyUpdated.v1': { action: 'update', words: 'changed the routing key', result: 'Done' },
  'HostUpdated.v1': { action: 'update', words: 'changed the host' },
  'PortUpdated.v1': {
    action: 'update',
    words: 'changed the port',
    changes: [{ field: 'spec.port', before: 8080, after: 9090 }],
  },
  'ListenerDeleted.v1': { action: 'delete', words: 'deleted', changes: [] },
  'ConnectorCreated.v1': { action: 'create', words: 'created' },
  'ConnectorUpdated.v1': { action: 'update', words: 'changed' },
  'ConnectorDeleted.v1': { action: 'delete', words: 'deleted' },
  'SiteCreated.v1': { action: 'create', words: 'created' },
  'SiteUpdated.v1': { action: 'update', words: 'changed' },
  'SiteRenamed.v1': {
    action: 'update',
    words: 'renamed',
    changes: [{ field: 'metadata.name', before: 'east', after: 'east-1' }],
  },
  'SiteDeleted.v1': { action: 'delete', words: 'deleted', changes: [] },
  'RouterAttached.v1': { action: 'attach', words: 'attached', result: 'Done' },
  'RouterConnected.v1': { action: 'connect', words: 'connected as router west', result: 'Observed' },
  'RouterLost.v1': { action: 'lose', words: 'lost', message: 'connect ECONNREFUSED 127.0.0.1:5672' },
  'RouterLost.v2': { action: 'lose', words: 'lost', message: 'connect ECONNREFUSED 127.0.0.1:5672' },
  'RouterUnobserved.v1': {
    action: 'lose',
    words: 'watched by no engine since 2026-11-23T09:35:11.000Z',
    result: 'Observed',
  },
  'RouterContested.v1': {
    action: 'drive',
    words: 'also driven by another controller',
    message: 'Another Hark drives this router as well: hark-1/9c2d41aa',
    result: 'Observed',
  },
  'RouterUncontested.v1': { action: 'drive', words: 'no longer driven by another controller', result: 'Observed' },
  'RouterDetached.v1': { action: 'detach', words: 'detached', result: 'Done' },
  'RouterDriverChanged.v1': { action: 'drive', result: 'Observed' },
  'RouterCertificatesConfigured.v1': {
    action: 'update',
    words: 'changed the folder of TLS credentials',
    result: 'Done',
    changes: [{ field: 'certificates', before: null, after: '/run/skupper/certs' }],
  },
  'ListenerAccepted.v1': { action: 'accept', words: 'accepted by the router', result: 'Observed' },
  'ListenerRefused.v1': { action: 'reject', words: 'rejected by the router' },
  'ListenerOpened.v1': { action: 'open', words: 'opened by the router' },
  'ListenerFailedToOpen.v1': { action: 'fail', words: 'not opened by the router' },
  'ListenerDrifted.v1': { action: 'drift', words: 'altered at the router' },
  'ListenerCredentialsUnfit.v1': { action: 'fail', words: 'found with unusable TLS credentials' },
  'ConnectorCredentialsUnfit.v1': { action: 'fail', words: 'found with unusable TLS credentials' },
  'MultiKeyListenerCreated.v1': {
    action: 'create',
    words: 'created',
    result: 'Done',
    resource: { kind: 'MultiKeyListener', namespace: 'hello-world-west', name: 'store' },
  },
  'MultiKeyListenerUpdated.v1': { action: 'update', words: 'changed', result: 'Done' },
  'MultiKeyListenerDeleted.v1': { action: 'delete', words: 'deleted', result: 'Done' },
  'MultiKeyListenerAccepted.v1': {
    action: 'accept',
    words: 'accepted by the router',
    result: 'Observed',
    resource: { kind: 'MultiKeyListener', namespace: 'hello-world-west', name: 'store' },
  },
  'MultiKeyListenerRefused.v1': { action: 'reject', words: 'rejected by the router' },
  'MultiKeyListenerOpened.v1': { action: 'open', words: 'opened by the router' },
  'MultiKeyListenerFailedToOpen.v1': { action: 'fail', words: 'not opened by the router' },
  'MultiKeyListenerDrifted.v1': { action: 'drift', words: 'altered at the router' },
  'MultiKeyListenerCredentialsUnfit.v1': { action: 'fail', words: 'found with unusable TLS credentials' },
  'ListenerReached.v1': { action: 'probe', words: 'reached by a probe', result: 'Observed' },
  'ListenerNotReached.v1': { action: 'probe', words: 'not reached by a probe' },
  'ListenerProbeInconclusive.v1': { action: 'probe', words: 'probed without result' },
  'ConnectorAccepted.v1': { action: 'accept', words: 'accepted by the router' },
  'ConnectorRefused.v1': { action: 'reject', words: 'rejected by the router' },
  'ConnectorDrifted.v1': { action: 'drift', words: 'altered at the router' },
  'ConnectorSeen.v1': { action: 'see' },
  'ConnectorGone.v1': { action: 'miss' },
  'ListenerSeen.v1': { action: 'see' },
  'ListenerGone.v1': { action: 'miss' },
  'CommandRefused.v1': {
    action: 'refuse',
    words: 'refused: update port',
    result: 'Refused',
    resource: { kind: 'Listener', namespace: 'hello-world-west', name: 'backend' },
    message: 'bob may not change namespace hello-world-west',
    refusal: {
      command: 'updatePort',
      code: 'FORBIDDEN',
      asked: { namespace: 'hello-world-west', name: 'backend', port: 8080 },
    },
  },
  'LogImported.v1': { action: 'import', words: 'imported 25 events', result: 'Done' },
  'ReadModelsRebuilt.v1': {
    action: 'rebuild',
    words: 'rebuilt the read models',
    result: 'Done',
    resource: { kind: 'Hark' },
    message: '2 rows did not follow from the log',
  },
  'HistoryCompacted.v1': {
    action: 'compact',
    words: 'removed the history of states before 2026-08-31T00:00:00.000Z',
    result: 'Done',
  },
  'TokenCreated.v1': { action: 'create', words: 'created', result: 'Observed' },
  'TokenRevoked.v1': { action: 'delete', words: 'revoked', result: 'Observed' },
  'TokenRefused.v1': {
    action: 'refuse',
    words: 'refused: unknown, revoked or expired tokens',
    result: 'Refused',
  },
  'SigningKeyIntroduced.v1': { action: 'introduce', words: 'introduced', result: 'Observed' },
  ...Object.fromEntries(
    ['Listener', 'Connector', 'MultiKeyListener', 'Site'].flatMap(kind => [
      [
        `${kind}LabelsUpdated.v1`,
        {
          action: 'update',
          words: 'changed the labels',
          result: 'Done',
          changes: [{ field: 'metadata.labels.tier', before: null, after: 'web' }],
        },
      ],
      [
        `${kind}AnnotationsUpdated.v1`,
        {
          action: 'update',
          words: 'changed the annotations',
          result: 'Done',
          changes: [{ field: 'metadata.annotations.example.com/contact', before: null, after: 'on call' }],
        },
      ],
    ]),
  ),
}

describe('auditEntry', () => {
  it('returns an entry for every event except bookkeeping', () => {
    const audited = [...written.keys()].filter(file => entryOf(file) !== undefined)
    assert.deepEqual(audited.sort(), Object.keys(EXPECTED).sort())
    assert.deepEqual(
      [...written.keys()].filter(file => entryOf(file) === undefined),
      [...written.keys()].filter(file => BOOKKEEPING.includes(file)),
    )
  })

  for (const [file, expected] of Object.entries(EXPECTED)) {
    it(`describes ${file}`, () => {
      const entry = entryOf(file) as AuditEntry
      const event = written.get(file) as RecordedEvent
      for (const [field, value] of Object.entries(expected))
        assert.deepEqual(entry[field as keyof AuditEntry], value, field)
      assert.notEqual(entry.action, 'other')
      assert.match(entry.words, /^[a-z]/)
      const { position, time, actor, eventId, type } = entry
      const { metadata } = event
      assert.deepEqual(
        { position, time, actor, eventId, type },
        { position: 7, time: event.time, actor: metadata.actor, eventId: event.id, type: event.type },
      )
      assert.equal(entry.resource.namespace, (event.data as { namespace?: string }).namespace)
    })
  }

  it('lists every field of a new spec', () => {
    const { changes } = entryOf('ListenerCreated.v1') as AuditEntry
    assert.ok(changes.every(({ before }) => before === null))
    assert.deepEqual(
      changes.filter(({ field }) => ['spec.port', 'spec.settings.observer'].includes(field)),
      [
        { field: 'spec.port', before: null, after: 8080 },
        { field: 'spec.settings.observer', before: null, after: 'auto' },
      ],
    )
  })

  it('describes unknown and corrupted events by their type', () => {
    const event = written.get('PortUpdated.v1') as RecordedEvent
    const { action, words, resource } = auditEntry({ ...event, type: 'ListenerMoved' }) as AuditEntry
    assert.deepEqual([action, words, resource.kind, resource.name], ['other', 'listener moved', 'Listener', 'backend'])
    for (const data of [null, {}, 'x']) {
      const damaged = auditEntry({ ...event, type: 'RouterLost', data }) as AuditEntry
      assert.deepEqual([damaged.words, damaged.resource.name], ['router lost', undefined])
    }
    const audit = auditEntry({ ...event, stream: 'audit-logins', type: 'LoginFailed', data: {} }) as AuditEntry
    assert.deepEqual([audit.words, audit.resource.kind], ['login failed', 'Hark'])
  })
})

describe('auditEntry changes', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }))
  const name = fc.constantFrom('a', 'b', 'c')
  const spec = fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { maxKeys: 3 })), { maxKeys: 3 })

  it('have path, old and new value', () => {
    fc.assert(
      fc.property(spec, spec, (before, after) => {
        for (const { field, before: was, after: is } of fieldChanges(before, after, 'spec')) {
          const at = (value: unknown): unknown =>
            field
              .split('.')
              .slice(1)
              .reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], value)
          // A map in the place of a value has fields of its own.
          const leafAt = (value: unknown) => {
            const found = at(value)
            return found === undefined || (typeof found === 'object' && !Array.isArray(found)) ? null : found
          }
          assert.deepEqual([was, is], [leafAt(before), leafAt(after)])
          assert.notDeepEqual(was, is)
        }
      }),
    )
  })

  it('are empty for equal values', () => {
    fc.assert(fc.property(spec, same => assert.deepEqual(fieldChanges(same, structuredClone(same)), [])))
  })
})
