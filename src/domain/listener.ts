import type { CommandOf, ListenerCommand } from '../../schemas/commands.ts'
import { alreadyExists, notFound } from '../../schemas/errors.ts'
import type { ListenerEvent } from '../../schemas/events/events.ts'
import { type ListenerSpec, updatedFields } from '../../schemas/resources/listener.ts'
import type { Decider, ResourceState, WithNewUid } from './decider.ts'
import { assertImmutableFields, changedImmutableFields } from './immutable-fields.ts'

type ListenerState = ResourceState<ListenerSpec>
type Listener = Extract<ListenerState, { exists: true }>
type Command = WithNewUid<ListenerCommand>

/** Skupper lets these change. */
const UPDATABLE = ['routingKey', 'host', 'port'] as const

const existing = (listener: ListenerState, { namespace, name }: Command): Listener => {
  if (!listener.exists) throw notFound('Listener', namespace, name)
  return listener
}

/** In the order of canonical JSON. */
const subject = ({ namespace, name }: Command, uid: string) => ({ name, namespace, uid })

const created = (command: WithNewUid<CommandOf<'CreateListener' | 'ApplyListener'>>): ListenerEvent => ({
  type: 'ListenerCreated',
  data: { name: command.name, namespace: command.namespace, spec: command.spec, uid: command.newUid },
})

const deleted = (command: Command, { uid }: Listener): ListenerEvent => ({
  type: 'ListenerDeleted',
  data: subject(command, uid),
})

/** Returns one event per changed field; all have the generation of their command. */
const updates = (
  command: Command,
  { uid, generation: last, spec: before }: Listener,
  after: Partial<Pick<ListenerSpec, (typeof UPDATABLE)[number]>>,
): ListenerEvent[] => {
  const { routingKey = before.routingKey, host = before.host, port = before.port } = after
  const { name, namespace } = command
  const generation = last + 1
  const events: ListenerEvent[] = []
  if (routingKey !== before.routingKey) {
    const previous = before.routingKey
    events.push({ type: 'RoutingKeyUpdated', data: { generation, name, namespace, previous, routingKey, uid } })
  }
  if (host !== before.host) {
    const previous = before.host
    events.push({ type: 'HostUpdated', data: { generation, host, name, namespace, previous, uid } })
  }
  if (port !== before.port) {
    const previous = before.port
    events.push({ type: 'PortUpdated', data: { generation, name, namespace, port, previous, uid } })
  }
  return events
}

const applyListener = (command: WithNewUid<CommandOf<'ApplyListener'>>, listener: ListenerState): ListenerEvent[] => {
  if (!listener.exists) return [created(command)]
  if (command.replace && changedImmutableFields(listener.spec, command.spec, UPDATABLE).length > 0)
    return [deleted(command, listener), created(command)]
  assertImmutableFields(listener.spec, command.spec, UPDATABLE)
  return updates(command, listener, command.spec)
}

const decide = (command: Command, listener: ListenerState): ListenerEvent[] => {
  switch (command.type) {
    case 'CreateListener':
      if (listener.exists)
        throw alreadyExists(`Listener ${command.name} already exists in namespace ${command.namespace}`)
      return [created(command)]
    case 'UpdateRoutingKey':
      return updates(command, existing(listener, command), { routingKey: command.routingKey })
    case 'UpdateHost':
      return updates(command, existing(listener, command), { host: command.host })
    case 'UpdatePort':
      return updates(command, existing(listener, command), { port: command.port })
    case 'ApplyListener':
      return applyListener(command, listener)
    case 'DeleteListener':
      return [deleted(command, existing(listener, command))]
  }
}

const evolve = (state: ListenerState, event: ListenerEvent): ListenerState => {
  switch (event.type) {
    case 'ListenerCreated':
      return { exists: true, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'ListenerDeleted':
      return { exists: false }
    default:
      return state.exists
        ? { ...state, generation: event.data.generation, spec: { ...state.spec, ...updatedFields(event.data) } }
        : state
  }
}

export const listener: Decider<ListenerState, Command, ListenerEvent> = { initial: { exists: false }, decide, evolve }
