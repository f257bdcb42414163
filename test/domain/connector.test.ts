import { describe, it } from 'node:test'
import type { ConnectorCommand } from '../../schemas/commands.ts'
import type { ConnectorSpec } from '../../schemas/resources/connector.ts'
import { connector } from '../../src/domain/connector.ts'
import type { WithNewUid } from '../../src/domain/decider.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import { BACKEND, connectorCreated, connectorDeleted, connectorUpdated } from '../support/domain/event-builders.ts'
import { connectorSpec } from '../support/domain/specs.ts'

const given = scenario(connector)

const about = { namespace: BACKEND.namespace, name: BACKEND.name, newUid: 'uid-2' }
const create = { type: 'CreateConnector', ...about, spec: connectorSpec() } as const
const deleteIt = { type: 'DeleteConnector', ...about } as const
const update = (changes: Partial<ConnectorSpec> = {}) =>
  ({ type: 'UpdateConnector', ...about, spec: connectorSpec(changes) }) as const
const apply = (changes: Partial<ConnectorSpec> = {}) =>
  ({ type: 'ApplyConnector', ...about, spec: connectorSpec(changes) }) as const

const { host: _, ...withoutHost } = connectorSpec()
const selecting: ConnectorSpec = { ...withoutHost, selector: 'app=backend' }

describe('decide for connectors', () => {
  it('creates a connector with the given uid', () => {
    given()
      .when(create)
      .then(connectorCreated({}, { uid: 'uid-2' }))
  })

  it('rejects a second CreateConnector', () => {
    given(connectorCreated())
      .when(create)
      .thenRefused('ALREADY_EXISTS', 'Connector backend already exists in namespace west')
  })

  it('emits ConnectorDeleted', () => {
    given(connectorCreated()).when(deleteIt).then(connectorDeleted())
  })

  it('creates a connector with a new uid and generation 1 under a deleted name', () => {
    given(connectorCreated(), connectorDeleted())
      .when(create)
      .then(connectorCreated({}, { uid: 'uid-2' }))
    const before = connectorSpec()
    const after = connectorSpec({ port: 9090 })
    given(
      connectorCreated(),
      connectorUpdated(2, before, after),
      connectorDeleted(),
      connectorCreated({}, { uid: 'uid-2' }),
    )
      .when(update({ port: 9090 }))
      .then(connectorUpdated(2, before, after, { uid: 'uid-2' }))
  })
})

for (const change of [update, apply]) {
  describe(`${change().type} of an existing connector`, () => {
    it('emits one ConnectorUpdated for all changed fields', () => {
      const changes = { routingKey: 'api', host: '10.0.0.1', port: 9090 }
      given(connectorCreated())
        .when(change(changes))
        .then(connectorUpdated(2, connectorSpec(), connectorSpec(changes)))
    })

    it('continues from the last update', () => {
      const [second, third] = [connectorSpec({ port: 2 }), connectorSpec({ port: 3 })]
      const history = [connectorCreated(), connectorUpdated(2, connectorSpec(), second)]
      given(...history)
        .when(change({ port: 3 }))
        .then(connectorUpdated(3, second, third))
      given(...history)
        .when(change({ port: 2 }))
        .then()
    })

    it('emits nothing for an equal spec', () => {
      given(connectorCreated()).when(change()).then()
      given(connectorCreated({ settings: { a: '1', b: '2' } }))
        .when(change({ settings: { b: '2', a: '1' } }))
        .then()
    })

    it('replaces a host by a selector', () => {
      given(connectorCreated())
        .when({ ...change(), spec: selecting })
        .then(connectorUpdated(2, connectorSpec(), selecting))
    })

    it('rejects changes of immutable fields, with an issue for each', () => {
      given(connectorCreated())
        .when(
          change({
            port: 9090,
            type: 'udp',
            tlsCredentials: 'certs',
            useClientCert: true,
            verifyHostname: false,
            exposePodsByName: true,
            includeNotReadyPods: true,
            settings: { a: '1' },
          }),
        )
        .thenRefused('IMMUTABLE_FIELD', /cannot be changed: delete and create again$/, [
          { path: 'spec.type', message: 'cannot be changed from "tcp" to "udp": delete and create again' },
          { path: 'spec.useClientCert', message: 'cannot be changed from false to true: delete and create again' },
          { path: 'spec.verifyHostname', message: 'cannot be changed from true to false: delete and create again' },
          { path: 'spec.exposePodsByName', message: 'cannot be changed from false to true: delete and create again' },
          {
            path: 'spec.includeNotReadyPods',
            message: 'cannot be changed from false to true: delete and create again',
          },
          { path: 'spec.settings', message: 'cannot be changed from {} to {"a":"1"}: delete and create again' },
          {
            path: 'spec.tlsCredentials',
            message: 'cannot be changed from unset to "certs": delete and create again',
          },
        ])
    })
  })
}

describe('decide for a missing connector', () => {
  const commands: WithNewUid<ConnectorCommand>[] = [update(), deleteIt]
  for (const command of commands) {
    it(`rejects ${command.type}`, () => {
      given().when(command).thenRefused('NOT_FOUND', 'Connector backend not found in namespace west')
      given(connectorCreated(), connectorDeleted())
        .when(command)
        .thenRefused('NOT_FOUND', /backend/)
    })
  }

  it('creates the connector for ApplyConnector', () => {
    given()
      .when(apply())
      .then(connectorCreated({}, { uid: 'uid-2' }))
    given(connectorCreated(), connectorDeleted())
      .when(apply())
      .then(connectorCreated({}, { uid: 'uid-2' }))
  })
})

describe('ApplyConnector with replace', () => {
  const replace = (changes: Partial<ConnectorSpec> = {}) => ({ ...apply(changes), replace: true })

  it('deletes and creates a connector whose immutable fields change, with a new uid', () => {
    given(connectorCreated())
      .when(replace({ tlsCredentials: 'certs' }))
      .then(connectorDeleted(), connectorCreated({ tlsCredentials: 'certs' }, { uid: 'uid-2' }))
  })

  it('updates a connector of which other fields change', () => {
    given(connectorCreated())
      .when(replace({ port: 9090 }))
      .then(connectorUpdated(2, connectorSpec(), connectorSpec({ port: 9090 })))
  })
})
