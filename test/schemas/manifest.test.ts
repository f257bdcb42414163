import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../../schemas/resources/kinds.ts'
import { API_VERSION, readManifest } from '../../schemas/resources/manifest.ts'
import fc from '../support/fast-check.ts'
import { faultsOf, manifest, specOf } from '../support/read-manifest.ts'

const spec = { routingKey: 'backend', host: 'backend', port: 8080 }

describe('a manifest', () => {
  it('may be as kubectl prints it, with all that Kubernetes adds', () => {
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

  it('names its namespace itself, or is in the one that came with it', () => {
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

  it('has one fault where its namespace is none', () => {
    const [fault, ...others] = faultsOf(manifest('Listener', spec, { name: 'backend', namespace: 5 }))
    assert.match(fault ?? '', /^metadata\.namespace: 5 is a number, not a namespace/)
    assert.deepEqual(others, [])
  })

  it('is told the place of its faults in what it came with', () => {
    const read = readManifest(manifest('Listener', { ...spec, port: 0 }), undefined, ['manifests', 3])
    assert.deepEqual(read, {
      outcome: 'faulty',
      faults: [{ path: 'manifests[3].spec.port', message: '0 is not a port (1 to 65535)' }],
    })
  })

  it('is of the one API version that there is', () => {
    assert.deepEqual(faultsOf({ ...manifest('Listener', spec), apiVersion: 'skupper.io/v1' }), [
      `apiVersion: "skupper.io/v1" is not the API version ${API_VERSION}`,
    ])
  })

  it('of a kind that Skupper does not have is a typing error', () => {
    assert.deepEqual(faultsOf(manifest('Lisener', spec)), [
      `kind: "Lisener" is not a kind of ${API_VERSION} (Listener, Connector, Site)`,
    ])
  })

  for (const [what, allowed] of [
    [null, 'null is not a manifest'],
    [[], 'a list, not a manifest'],
    ['text', '"text" is a string, not a manifest'],
    [undefined, 'is missing: a manifest is required'],
  ] as const) {
    it(`is not ${JSON.stringify(what)}`, () => assert.deepEqual(faultsOf(what), [allowed]))
  }
})

describe('a resource that is not for Hark', () => {
  it('is of another API', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'certs', namespace: 'west' }, data: {} }
    assert.deepEqual(readManifest(secret, undefined), {
      outcome: 'unknown',
      apiVersion: 'v1',
      kind: 'Secret',
      name: 'certs',
      namespace: 'west',
    })
  })

  it('is of another API though its kind has the name of one of ours', () => {
    assert.equal(readManifest({ apiVersion: 'gateway.example/v1', kind: 'Listener' }, undefined).outcome, 'unknown')
  })

  for (const kind of ['Link', 'AccessGrant', 'AccessToken', 'MultiKeyListener', 'AttachedConnector']) {
    it(`is Skupper's ${kind}`, () => {
      assert.deepEqual(readManifest(manifest(kind, {}, { name: 'a' }), 'west'), {
        outcome: 'unknown',
        apiVersion: API_VERSION,
        kind,
        name: 'a',
      })
    })
  }
})

describe('reading a manifest', () => {
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

  it('never throws, whatever it is given: there is a manifest, or somebody else’s, or a fault is told', () => {
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
      { numRuns: 1000 },
    )
  })
})
