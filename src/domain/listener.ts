import type {
  ApplyListener,
  CreateListener,
  ListenerCommand,
  UpdateHost,
  UpdatePort,
  UpdateRoutingKey,
} from '../../schemas/commands.ts'
import { alreadyExists, notFound } from '../../schemas/errors.ts'
import type { ListenerEvent } from '../../schemas/events/events.ts'
import type { ListenerSpec } from '../../schemas/resources/listener.ts'
import type { Decider, ResourceState, WithNewUid } from './decider.ts'
import { assertImmutableFields } from './immutable-fields.ts'

export type ListenerState = ResourceState<ListenerSpec>
type Listener = Extract<ListenerState, { exists: true }>
type Command = WithNewUid<ListenerCommand>
type Update = WithNewUid<UpdateRoutingKey | UpdateHost | UpdatePort>

/** What Skupper lets change; anything else is another listener. */
const UPDATABLE = ['routingKey', 'host', 'port'] as const

const existing = (listener: ListenerState, command: Command): Listener => {
  if (!listener.exists) throw notFound('Listener', command.namespace, command.name)
  return listener
}

const subject = (command: Command, uid: string) => ({ namespace: command.namespace, name: command.name, uid })

const changed = (command: Command, listener: Listener) => ({
  ...subject(command, listener.uid),
  generation: listener.generation + 1,
})

const created = (command: WithNewUid<CreateListener | ApplyListener>): ListenerEvent => ({
  type: 'ListenerCreated',
  data: { ...subject(command, command.newUid), spec: command.spec },
})

/** A name can be used again once its listener is deleted, for a listener with a uid of its own. */
const createListener = (command: WithNewUid<CreateListener>, listener: ListenerState): ListenerEvent[] => {
  if (listener.exists) throw alreadyExists(`Listener ${command.name} already exists in namespace ${command.namespace}`)
  return [created(command)]
}

/** A listener may answer to another routing key; asking for the one it has is no event. */
const updateRoutingKey = (command: WithNewUid<UpdateRoutingKey>, state: ListenerState): ListenerEvent[] => {
  const listener = existing(state, command)
  const previous = listener.spec.routingKey
  if (previous === command.routingKey) return []
  return [
    { type: 'RoutingKeyUpdated', data: { ...changed(command, listener), routingKey: command.routingKey, previous } },
  ]
}

/** A listener may move to another host; asking for the one it has is no event. */
const updateHost = (command: WithNewUid<UpdateHost>, state: ListenerState): ListenerEvent[] => {
  const listener = existing(state, command)
  const previous = listener.spec.host
  if (previous === command.host) return []
  return [{ type: 'HostUpdated', data: { ...changed(command, listener), host: command.host, previous } }]
}

/** A listener may move to another port; asking for the one it has is no event. */
const updatePort = (command: WithNewUid<UpdatePort>, state: ListenerState): ListenerEvent[] => {
  const listener = existing(state, command)
  const previous = listener.spec.port
  if (previous === command.port) return []
  return [{ type: 'PortUpdated', data: { ...changed(command, listener), port: command.port, previous } }]
}

/** The commands that make a listener what its manifest says. */
export const updatesFor = (
  { namespace, name, newUid, spec }: WithNewUid<ApplyListener>,
  listener: Listener,
): Update[] => {
  assertImmutableFields(listener.spec, spec, UPDATABLE)
  const to = { namespace, name, newUid }
  return [
    { type: 'UpdateRoutingKey', ...to, routingKey: spec.routingKey },
    { type: 'UpdateHost', ...to, host: spec.host },
    { type: 'UpdatePort', ...to, port: spec.port },
  ]
}

/**
 * Creates what is not there and changes what differs. Every update is decided on the listener as it was, so that they
 * share a generation: one manifest is one change of spec, however many properties it touches.
 */
const applyListener = (command: WithNewUid<ApplyListener>, listener: ListenerState): ListenerEvent[] =>
  listener.exists ? updatesFor(command, listener).flatMap(update => decide(update, listener)) : [created(command)]

const decide = (command: Command, listener: ListenerState): ListenerEvent[] => {
  switch (command.type) {
    case 'CreateListener':
      return createListener(command, listener)
    case 'UpdateRoutingKey':
      return updateRoutingKey(command, listener)
    case 'UpdateHost':
      return updateHost(command, listener)
    case 'UpdatePort':
      return updatePort(command, listener)
    case 'ApplyListener':
      return applyListener(command, listener)
    case 'DeleteListener':
      return [{ type: 'ListenerDeleted', data: subject(command, existing(listener, command).uid) }]
  }
}

const respec = (state: ListenerState, generation: number, change: Partial<ListenerSpec>): ListenerState =>
  state.exists ? { ...state, generation, spec: { ...state.spec, ...change } } : state

const evolve = (state: ListenerState, event: ListenerEvent): ListenerState => {
  switch (event.type) {
    case 'ListenerCreated':
      return { exists: true, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'RoutingKeyUpdated':
      return respec(state, event.data.generation, { routingKey: event.data.routingKey })
    case 'HostUpdated':
      return respec(state, event.data.generation, { host: event.data.host })
    case 'PortUpdated':
      return respec(state, event.data.generation, { port: event.data.port })
    case 'ListenerDeleted':
      return { exists: false }
  }
}

export const listener: Decider<ListenerState, Command, ListenerEvent> = { initial: { exists: false }, decide, evolve }
