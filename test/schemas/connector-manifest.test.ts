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

describe('a connector manifest', () => {
  it('has the defaults of the reference where it says nothing', () => {
    assert.deepEqual(specOf(connector({ host: '10.0.0.1' })), { ...required, host: '10.0.0.1', ...defaults })
    assert.deepEqual(specOf(connector({ selector: 'app=backend' })), {
      ...required,
      selector: 'app=backend',
      ...defaults,
    })
  })

  it('keeps everything that it says', () => {
    const said = {
      host: 'backend',
      type: 'tcp',
      tlsCredentials: 'backend-tls',
      useClientCert: true,
      verifyHostname: false,
      exposePodsByName: true,
      includeNotReadyPods: true,
      settings: { a: '1' },
    }
    assert.deepEqual(specOf(connector(said)), { ...required, ...said })
  })

  it('leads to a host or to what a selector selects, and not to both', () => {
    assert.deepEqual(faultsOf(connector({})), ['spec.host: is missing: one of host and selector is required'])
    assert.deepEqual(faultsOf(connector({ host: 'backend', selector: 'app=backend' })), [
      'spec.host: stands beside selector: give one of host and selector',
    ])
  })

  it('is told every fault at once, each with what was found and what is allowed', () => {
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
