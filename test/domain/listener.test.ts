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

describe('a listener', () => {
  it('is created with the uid that is given to it', () => {
    given()
      .when(create)
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('is not created twice', () => {
    given(listenerCreated())
      .when(create)
      .thenRefused('ALREADY_EXISTS', 'Listener backend already exists in namespace west')
  })

  it('answers to another routing key', () => {
    given(listenerCreated())
      .when(updateRoutingKey('api'))
      .then(routingKeyUpdated(2, 'backend', 'api'))
  })

  it('moves to another host', () => {
    given(listenerCreated())
      .when(updateHost('10.0.0.1'))
      .then(hostUpdated(2, 'backend', '10.0.0.1'))
  })

  it('moves to another port', () => {
    given(listenerCreated())
      .when(updatePort(9090))
      .then(portUpdated(2, 8080, 9090))
  })

  it('is deleted', () => {
    given(listenerCreated()).when(deleteIt).then(listenerDeleted())
  })
})

describe('asking for what a listener has', () => {
  const asked: WithNewUid<ListenerCommand>[] = [
    updateRoutingKey('backend'),
    updateHost('backend'),
    updatePort(8080),
    apply(),
  ]
  for (const command of asked) {
    it(`is no event: ${command.type}`, () => given(listenerCreated()).when(command).then())
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
    it(`is no event where it came to it by a change, and is one where it had it before: ${change.type}`, () => {
      given(listenerCreated(), change).when(same).then()
      given(listenerCreated(), change).when(back).then(changedBack)
    })
  }
})

describe('a listener that is not there', () => {
  const commands: WithNewUid<ListenerCommand>[] = [
    updateRoutingKey('api'),
    updateHost('api'),
    updatePort(9090),
    deleteIt,
  ]
  for (const command of commands) {
    it(`refuses ${command.type}`, () => {
      given().when(command).thenRefused('NOT_FOUND', 'Listener backend not found in namespace west')
    })

    it(`refuses ${command.type} once it is deleted`, () => {
      given(listenerCreated(), listenerDeleted())
        .when(command)
        .thenRefused('NOT_FOUND', /backend/)
    })
  }
})

describe('a name that was used before', () => {
  it('is that of another listener, with a uid of its own', () => {
    given(listenerCreated(), listenerDeleted())
      .when(create)
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('can be used again by a manifest', () => {
    given(listenerCreated(), listenerDeleted())
      .when(apply({ port: 9090 }))
      .then(listenerCreated({ port: 9090 }, { uid: 'uid-2' }))
  })

  it('begins again at generation 1', () => {
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

describe('a listener manifest', () => {
  it('creates the listener where there is none', () => {
    given()
      .when(apply())
      .then(listenerCreated({}, { uid: 'uid-2' }))
  })

  it('changes what differs, as one change of spec', () => {
    given(listenerCreated())
      .when(apply({ routingKey: 'api', host: '::1', port: 9090 }))
      .then(routingKeyUpdated(2, 'backend', 'api'), hostUpdated(2, 'backend', '::1'), portUpdated(2, 8080, 9090))
  })

  it('leaves alone what does not differ', () => {
    given(listenerCreated())
      .when(apply({ host: 'api' }))
      .then(hostUpdated(2, 'backend', 'api'))
  })

  it('is followed by the next generation', () => {
    given(listenerCreated(), routingKeyUpdated(2, 'backend', 'api'), hostUpdated(2, 'backend', 'api'))
      .when(updatePort(9090))
      .then(portUpdated(3, 8080, 9090))
  })

  it('does not take the order of settings for a change', () => {
    given(listenerCreated({ settings: { observer: 'auto', a: '1' } }))
      .when(apply({ settings: { a: '1', observer: 'auto' } }))
      .then()
  })

  it('cannot change what is not updatable, and says so of each property', () => {
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

  it('cannot give TLS credentials to a listener without, or take them away', () => {
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
