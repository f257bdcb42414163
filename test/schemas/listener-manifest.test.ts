import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultsOf, manifest, specOf } from '../support/read-manifest.ts'

const required = { routingKey: 'backend', host: 'backend', port: 8080 }
const listener = (spec: object) => manifest('Listener', { ...required, ...spec })

describe('listenerSpecInput', () => {
  it('sets the defaults of the reference', () => {
    assert.deepEqual(specOf(listener({})), {
      ...required,
      type: 'tcp',
      exposePodsByName: false,
      settings: { observer: 'auto' },
    })
  })

  it('keeps every given field', () => {
    const given = {
      type: 'tcp',
      exposePodsByName: true,
      tlsCredentials: 'backend-tls',
      settings: { observer: 'http2', 'x-timeout': '30s' },
    }
    assert.deepEqual(specOf(listener(given)), { ...required, ...given })
  })

  for (const [spelling, spec] of Object.entries({
    'settings.observer': { settings: { observer: 'http1' } },
    observer: { observer: 'http1' },
    'both alike': { observer: 'http1', settings: { observer: 'http1' } },
  })) {
    it(`accepts the observer as ${spelling}`, () => {
      assert.deepEqual(specOf(listener(spec)), {
        ...required,
        type: 'tcp',
        exposePodsByName: false,
        settings: { observer: 'http1' },
      })
    })
  }

  it('rejects two different observers', () => {
    assert.deepEqual(faultsOf(listener({ observer: 'none', settings: { observer: 'http1' } })), [
      'spec.observer: "none" contradicts settings.observer, which is "http1": give one of the two',
    ])
  })

  describe('with a probe', () => {
    const settingsOf = (settings: object) => (specOf(listener({ settings })) as { settings: object }).settings

    it('sets an interval of ten seconds by default', () => {
      assert.deepEqual(settingsOf({ probe: 'tcp' }), { observer: 'auto', probe: 'tcp', probeIntervalSeconds: '10' })
      for (const interval of ['1', 1, '3600', 3600]) {
        const expected = { observer: 'auto', probe: 'tcp', probeIntervalSeconds: String(interval) }
        assert.deepEqual(settingsOf({ probe: 'tcp', probeIntervalSeconds: interval }), expected)
      }
    })

    it('rejects invalid probes and intervals', () => {
      assert.deepEqual(faultsOf(listener({ settings: { probe: 'http' } })), [
        'spec.settings.probe: "http" is not a probe (tcp)',
      ])
      assert.deepEqual(faultsOf(listener({ settings: { probe: true } })), [
        'spec.settings.probe: true is a boolean, not a probe (tcp)',
      ])
      for (const [given, words] of [
        ['0', '"0" is not'],
        [3601, '3601 is not'],
        ['10s', '"10s" is not'],
        [1.5, '1.5 is not'],
        [true, 'true is a boolean, not'],
      ]) {
        assert.deepEqual(faultsOf(listener({ settings: { probe: 'tcp', probeIntervalSeconds: given } })), [
          `spec.settings.probeIntervalSeconds: ${words} a number of seconds (1 to 3600)`,
        ])
      }
    })

    it('rejects an interval without a probe', () => {
      assert.deepEqual(faultsOf(listener({ settings: { probeIntervalSeconds: '5' } })), [
        'spec.settings.probeIntervalSeconds: has no meaning without settings.probe: give probe: tcp as well',
      ])
    })
  })

  it('reports all issues, with the found and the allowed value', () => {
    const faulty = {
      ...manifest('Listener', {
        routingKey: 'two words',
        port: 99999,
        hots: 'backend',
        exposePodsByName: 'yes',
        tlsCredentials: '../../etc',
        observer: 'http3',
        settings: { observer: 'http1', retries: 3 },
      }),
      metadata: { name: 'Backend', namespace: '-west' },
      extra: 1,
    }
    const name =
      'RFC 1123 subdomain: lower-case letters, digits, - and ., each part beginning and ending with a letter or digit, 253 characters at most'
    const label =
      'RFC 1123 label: lower-case letters, digits and -, beginning and ending with a letter or digit, 63 characters at most'
    assert.deepEqual(faultsOf(faulty).sort(), [
      'extra: is not a known property',
      `metadata.name: "Backend" is not a name (${name})`,
      `metadata.namespace: "-west" is not a namespace (${label})`,
      'spec.exposePodsByName: "yes" is a string, not true or false',
      'spec.host: is missing: an IP address or a host name (RFC 1123, 253 characters at most) is required',
      'spec.hots: is not a known property',
      'spec.observer: "http3" contradicts settings.observer, which is "http1": give one of the two',
      'spec.observer: "http3" is not an observer (one of auto, none, http1, http2)',
      'spec.port: 99999 is not a port (1 to 65535)',
      'spec.routingKey: "two words" is not a routing key (1 to 253 characters, none of them blank)',
      'spec.settings.retries: 3 is a number, not a text',
      'spec.tlsCredentials: "../../etc" is not the name of TLS credentials (RFC 1123: lower-case letters, digits, - and ., 253 characters at most)',
    ])
  })

  it('requires a spec', () => {
    assert.deepEqual(faultsOf(manifest('Listener', undefined)), ['spec: is missing: a listener spec is required'])
    assert.deepEqual(faultsOf(manifest('Listener', null)), ['spec: null is not a listener spec'])
    assert.deepEqual(faultsOf(manifest('Listener', [])), ['spec: a list, not a listener spec'])
  })
})
