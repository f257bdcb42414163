import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { API_VERSION, KINDS } from '../../schemas/resources/kinds.ts'
import { readManifest } from '../../schemas/resources/manifest.ts'
import fc, { runs } from '../support/fast-check.ts'
import { faultsOf, manifest, specOf } from '../support/read-manifest.ts'

const spec = { routingKey: 'backend', host: 'backend', port: 8080 }

describe('readManifest', () => {
  it('accepts a manifest as kubectl prints it', () => {
    const printed = {
      ...manifest('Listener', spec, {
        name: 'backend',
        namespace: 'west',
        uid: '1',
        labels: { app: 'shop' },
        creationTimestamp: '2026-11-23T10:00:00Z',
      }),
      status: { status: 'Ready', conditions: [] },
    }
    assert.deepEqual(specOf(printed), specOf(manifest('Listener', spec)))
  })

  it('uses its own namespace or the given one', () => {
    const namespaceOf = (metadata: object, given: string | undefined): string | undefined => {
      const read = readManifest(manifest('Listener', spec, metadata), given)
      return read.outcome === 'manifest' ? read.manifest.metadata.namespace : undefined
    }
    assert.equal(namespaceOf({ name: 'backend', namespace: 'west' }, 'east'), 'west')
    assert.equal(namespaceOf({ name: 'backend' }, 'east'), 'east')
    assert.deepEqual(faultsOf(manifest('Listener', spec, { name: 'backend' })), [
      'metadata.namespace: is missing: name one here or with the request',
    ])
  })

  it('reports one issue for an invalid namespace', () => {
    const [fault, ...others] = faultsOf(manifest('Listener', spec, { name: 'backend', namespace: 5 }))
    assert.match(fault ?? '', /^metadata\.namespace: 5 is a number, not a namespace/)
    assert.deepEqual(others, [])
  })

  it('reports paths below the given path', () => {
    const read = readManifest(manifest('Listener', { ...spec, port: 0 }), undefined, ['manifests', 3])
    assert.deepEqual(read, {
      outcome: 'faulty',
      faults: [{ path: 'manifests[3].spec.port', message: '0 is not a port (1 to 65535)' }],
    })
  })

  it('rejects other versions of the API', () => {
    assert.deepEqual(faultsOf({ ...manifest('Listener', spec), apiVersion: 'skupper.io/v1' }), [
      `apiVersion: "skupper.io/v1" is not the API version ${API_VERSION}`,
    ])
  })

  it('rejects a kind that Skupper does not have', () => {
    assert.deepEqual(faultsOf(manifest('Lisener', spec)), [
      `kind: "Lisener" is not a kind of ${API_VERSION} (Listener, Connector, MultiKeyListener, Site)`,
    ])
  })

  for (const [what, allowed] of [
    [null, 'null is not a manifest'],
    [[], 'a list, not a manifest'],
    ['text', '"text" is a string, not a manifest'],
    [undefined, 'is missing: a manifest is required'],
  ] as const) {
    it(`rejects ${JSON.stringify(what)}`, () => assert.deepEqual(faultsOf(what), [allowed]))
  }
})

describe('readManifest of an unmanaged resource', () => {
  it('returns unknown for another API', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'certs', namespace: 'west' }, data: {} }
    assert.deepEqual(readManifest(secret, undefined), {
      outcome: 'unknown',
      apiVersion: 'v1',
      kind: 'Secret',
      name: 'certs',
      namespace: 'west',
    })
  })

  it('returns unknown for another API with a kind of the same name', () => {
    assert.equal(readManifest({ apiVersion: 'gateway.example/v1', kind: 'Listener' }, undefined).outcome, 'unknown')
  })

  for (const kind of ['Link', 'AccessGrant', 'AccessToken', 'AttachedConnector', 'AttachedConnectorBinding']) {
    it(`returns unknown for ${kind} of Skupper`, () => {
      assert.deepEqual(readManifest(manifest(kind, {}, { name: 'a' }), 'west'), {
        outcome: 'unknown',
        apiVersion: API_VERSION,
        kind,
        name: 'a',
      })
    })
  }
})

describe('readManifest of arbitrary values', () => {
  const hostile = fc.oneof(
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
    fc.record(
      {
        apiVersion: fc.oneof(fc.constant(API_VERSION), fc.anything()),
        kind: fc.oneof(fc.constantFrom(...KINDS, 'constructor', '__proto__', 'Link'), fc.anything()),
        metadata: fc.oneof(fc.record({ name: fc.anything(), namespace: fc.anything() }), fc.anything()),
        spec: fc.oneof(
          fc.dictionary(
            fc.constantFrom('routingKey', 'host', 'port', 'selector', 'observer', 'settings', '__proto__'),
            fc.oneof(fc.anything(), fc.string(), fc.integer()),
          ),
          fc.anything(),
        ),
      },
      { requiredKeys: [] },
    ),
  )

  it('returns a manifest, unknown or issues, and never throws', () => {
    fc.assert(
      fc.property(hostile, fc.option(fc.constant('west'), { nil: undefined }), (document, namespace) => {
        const read = readManifest(document, namespace)
        if (read.outcome === 'faulty') {
          assert.ok(read.faults.length > 0)
          for (const { path, message } of read.faults) assert.ok(typeof path === 'string' && message !== '')
        } else if (read.outcome === 'manifest') {
          assert.deepEqual(readManifest(read.manifest, undefined), read, 'what was read is read again as it is')
        } else assert.equal(typeof read.kind, 'string')
      }),
      runs(300),
    )
  })
})
