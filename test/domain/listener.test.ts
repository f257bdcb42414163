import { describe, it } from 'node:test'
import type { ListenerCommand } from '../../schemas/commands.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import type { WithNewUid } from '../../src/domain/decider.ts'
import { listener } from '../../src/domain/listener.ts'
import { scenario } from '../support/domain/decider-spec.ts'
import {
  BACKEND,
  hostUpdated,
  listenerCreated,
  listenerDeleted,
  portUpdated,
  routingKeyUpdated,
} from '../support/domain/event-builders.ts'
import { listenerSpec } from '../support/domain/specs.ts'

const given = scenario(listener)

const about = { namespace: BACKEND.namespace, name: BACKEND.name, newUid: 'uid-2' }
const create = { type: 'CreateListener', ...about, spec: listenerSpec() } as const
const deleteIt = { type: 'DeleteListener', ...about } as const
const updateRoutingKey = (routingKey: string) => ({ type: 'UpdateRoutingKey', ...about, routingKey }) as const
const updateHost = (host: string) => ({ type: 'UpdateHost', ...about, host }) as const
const updatePort = (port: number) => ({ type: 'UpdatePort', ...about, port }) as const
const apply = (changes: Partial<ListenerSpec> = {}) =>
  ({ type: 'ApplyListener', ...about, spec: listenerSpec(changes) }) as const

describe('decide for listeners', () => {
  it('creates a listener with the given uid', () => {
    given()
      .when(create)
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('rejects a second CreateListener', () => {
    given(listenerCreated())
      .when(create)
      .thenRefused('ALREADY_EXISTS', 'Listener backend already exists in namespace west')
  })

  it('emits RoutingKeyUpdated', () => {
    given(listenerCreated())
      .when(updateRoutingKey('api'))
      .then(routingKeyUpdated(2, 'backend', 'api'))
  })

  it('emits HostUpdated', () => {
    given(listenerCreated())
      .when(updateHost('10.0.0.1'))
      .then(hostUpdated(2, 'backend', '10.0.0.1'))
  })

  it('emits PortUpdated', () => {
    given(listenerCreated())
      .when(updatePort(9090))
      .then(portUpdated(2, 8080, 9090))
  })

  it('emits ListenerDeleted', () => {
    given(listenerCreated()).when(deleteIt).then(listenerDeleted())
  })
})

describe('decide for an update without effect', () => {
  const asked: WithNewUid<ListenerCommand>[] = [
    updateRoutingKey('backend'),
    updateHost('backend'),
    updatePort(8080),
    apply(),
  ]
  for (const command of asked) {
    it(`emits nothing for ${command.type} with the current value`, () => given(listenerCreated()).when(command).then())
  }

  const changes = [
    [
      routingKeyUpdated(2, 'backend', 'api'),
      updateRoutingKey('api'),
      updateRoutingKey('backend'),
      routingKeyUpdated(3, 'api', 'backend'),
    ],
    [hostUpdated(2, 'backend', 'api'), updateHost('api'), updateHost('backend'), hostUpdated(3, 'api', 'backend')],
    [portUpdated(2, 8080, 9090), updatePort(9090), updatePort(8080), portUpdated(3, 9090, 8080)],
  ] as const
  for (const [change, same, back, changedBack] of changes) {
    it(`emits ${change.type} only if the value differs from the current one`, () => {
      given(listenerCreated(), change).when(same).then()
      given(listenerCreated(), change).when(back).then(changedBack)
    })
  }
})

describe('decide for a missing listener', () => {
  const commands: WithNewUid<ListenerCommand>[] = [
    updateRoutingKey('api'),
    updateHost('api'),
    updatePort(9090),
    deleteIt,
  ]
  for (const command of commands) {
    it(`rejects ${command.type}`, () => {
      given().when(command).thenRefused('NOT_FOUND', 'Listener backend not found in namespace west')
    })

    it(`rejects ${command.type} of a deleted listener`, () => {
      given(listenerCreated(), listenerDeleted())
        .when(command)
        .thenRefused('NOT_FOUND', /backend/)
    })
  }
})

describe('decide for a listener with a deleted name', () => {
  it('creates a listener with a new uid', () => {
    given(listenerCreated(), listenerDeleted())
      .when(create)
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('creates a listener for ApplyListener', () => {
    given(listenerCreated(), listenerDeleted())
      .when(apply({ port: 9090 }))
      .then(listenerCreated({ port: 9090 }, { uid: 'uid-2' }))
  })

  it('starts at generation 1', () => {
    given(
      listenerCreated(),
      portUpdated(2, 8080, 9090),
      portUpdated(3, 9090, 9091),
      listenerDeleted(),
      listenerCreated({}, { uid: 'uid-2' }),
    )
      .when(updatePort(9090))
      .then(portUpdated(2, 8080, 9090, { uid: 'uid-2' }))
  })
})

describe('ApplyListener', () => {
  it('creates a missing listener', () => {
    given()
      .when(apply())
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('emits an event for each changed field, of one generation', () => {
    given(listenerCreated())
      .when(apply({ routingKey: 'api', host: '::1', port: 9090 }))
      .then(routingKeyUpdated(2, 'backend', 'api'), hostUpdated(2, 'backend', '::1'), portUpdated(2, 8080, 9090))
  })

  it('emits nothing for fields that are equal', () => {
    given(listenerCreated())
      .when(apply({ host: 'api' }))
      .then(hostUpdated(2, 'backend', 'api'))
  })

  it('is followed by an update of the next generation', () => {
    given(listenerCreated(), routingKeyUpdated(2, 'backend', 'api'), hostUpdated(2, 'backend', 'api'))
      .when(updatePort(9090))
      .then(portUpdated(3, 8080, 9090))
  })

  it('ignores the order of settings', () => {
    given(listenerCreated({ settings: { observer: 'auto', a: '1' } }))
      .when(apply({ settings: { a: '1', observer: 'auto' } }))
      .then()
  })

  it('rejects changes of immutable fields, with an issue for each', () => {
    given(listenerCreated({ tlsCredentials: 'old' }))
      .when(
        apply({
          port: 9090,
          type: 'udp',
          exposePodsByName: true,
          settings: { observer: 'http1' },
          tlsCredentials: 'new',
        }),
      )
      .thenRefused(
        'IMMUTABLE_FIELD',
        'spec.type, spec.exposePodsByName, spec.settings, spec.tlsCredentials cannot be changed: delete and create again',
        [
          { path: 'spec.type', message: 'cannot be changed from "tcp" to "udp": delete and create again' },
          { path: 'spec.exposePodsByName', message: 'cannot be changed from false to true: delete and create again' },
          {
            path: 'spec.settings',
            message: 'cannot be changed from {"observer":"auto"} to {"observer":"http1"}: delete and create again',
          },
          { path: 'spec.tlsCredentials', message: 'cannot be changed from "old" to "new": delete and create again' },
        ],
      )
  })

  it('rejects adding or removing TLS credentials', () => {
    given(listenerCreated())
      .when(apply({ tlsCredentials: 'certs' }))
      .thenRefused('IMMUTABLE_FIELD', /^spec\.tlsCredentials cannot/, [
        {
          path: 'spec.tlsCredentials',
          message: 'cannot be changed from unset to "certs": delete and create again',
        },
      ])
    given(listenerCreated({ tlsCredentials: 'certs' }))
      .when(apply())
      .thenRefused('IMMUTABLE_FIELD', /^spec\.tlsCredentials cannot/, [
        {
          path: 'spec.tlsCredentials',
          message: 'cannot be changed from "certs" to unset: delete and create again',
        },
      ])
  })
})

describe('ApplyListener with replace', () => {
  const replace = (changes: Partial<ListenerSpec> = {}) => ({ ...apply(changes), replace: true })

  it('deletes and creates a listener whose immutable fields change, with a new uid', () => {
    given(listenerCreated(), portUpdated(2, 8080, 9090))
      .when(replace({ port: 9090, tlsCredentials: 'certs' }))
      .then(listenerDeleted(), listenerCreated({ port: 9090, tlsCredentials: 'certs' }, { uid: 'uid-2' }))
  })

  it('updates a listener of which other fields change', () => {
    given(listenerCreated())
      .when(replace({ port: 9090 }))
      .then(portUpdated(2, 8080, 9090))
  })

  it('creates a missing listener, and keeps an equal one', () => {
    given()
      .when(replace())
      .then(listenerCreated({}, { uid: 'uid-2' }))
    given(listenerCreated()).when(replace()).then()
  })
})
