import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultsOf, manifest, specOf } from '../support/read-manifest.ts'

const required = { routingKey: 'backend', port: 8080 }
const connector = (spec: object) => manifest('Connector', { ...required, ...spec })

const defaults = {
  type: 'tcp',
  useClientCert: false,
  verifyHostname: true,
  exposePodsByName: false,
  includeNotReadyPods: false,
  settings: {},
}

describe('connectorSpecInput', () => {
  it('sets the defaults of the reference', () => {
    assert.deepEqual(specOf(connector({ host: '10.0.0.1' })), { ...required, host: '10.0.0.1', ...defaults })
    assert.deepEqual(specOf(connector({ selector: 'app=backend' })), {
      ...required,
      selector: 'app=backend',
      ...defaults,
    })
  })

  it('keeps every given field', () => {
    const given = {
      host: 'backend',
      type: 'tcp',
      tlsCredentials: 'backend-tls',
      useClientCert: true,
      verifyHostname: false,
      exposePodsByName: true,
      includeNotReadyPods: true,
      settings: { a: '1' },
    }
    assert.deepEqual(specOf(connector(given)), { ...required, ...given })
  })

  it('requires either host or selector', () => {
    assert.deepEqual(faultsOf(connector({})), ['spec.host: is missing: one of host and selector is required'])
    assert.deepEqual(faultsOf(connector({ host: 'backend', selector: 'app=backend' })), [
      'spec.host: stands beside selector: give one of host and selector',
    ])
  })

  it('reports all issues, with the found and the allowed value', () => {
    const faulty = connector({ port: '8080', routingKey: undefined, selector: '', useClientCert: 1, hosts: [] })
    assert.deepEqual(faultsOf(faulty).sort(), [
      'spec.hosts: is not a known property',
      'spec.port: "8080" is a string, not a port (1 to 65535)',
      'spec.routingKey: is missing: a routing key (1 to 253 characters, none of them blank) is required',
      'spec.selector: "" is not a selector, such as app=backend',
      'spec.useClientCert: 1 is a number, not true or false',
    ])
  })
})
