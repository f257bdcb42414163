import type { CommandOf } from '../../schemas/commands.ts'
import { alreadyExists, immutableField, notFound } from '../../schemas/errors.ts'
import type { DomainEvent, EventTypeOf } from '../../schemas/events/events.ts'
import {
  type MultiKeyListenerCommand,
  type MultiKeyListenerSpec,
  strategyKind,
} from '../../schemas/resources/multi-key-listener.ts'
import type { Decider, ResourceState, WithNewUid } from './decider.ts'
import { changedFields } from './immutable-fields.ts'

type State = ResourceState<MultiKeyListenerSpec>
type Command = WithNewUid<MultiKeyListenerCommand>
type Event = DomainEvent<EventTypeOf<'multiKeyListener'>>

const existing = (state: State, { namespace, name }: Command): Extract<State, { exists: true }> => {
  if (!state.exists) throw notFound('MultiKeyListener', namespace, name)
  return state
}

const subject = ({ namespace, name }: Command, uid: string) => ({ namespace, name, uid })

const created = (command: Command, spec: MultiKeyListenerSpec): Event => ({
  type: 'MultiKeyListenerCreated',
  data: { ...subject(command, command.newUid), spec },
})

const deleted = (command: Command, uid: string): Event => ({
  type: 'MultiKeyListenerDeleted',
  data: subject(command, uid),
})

/** Skupper lets the routing keys and weights of a strategy change, not its kind. */
const hasSameStrategy = (before: MultiKeyListenerSpec, after: MultiKeyListenerSpec): boolean =>
  strategyKind(before.strategy) === strategyKind(after.strategy)

const assertSameStrategy = (before: MultiKeyListenerSpec, after: MultiKeyListenerSpec): void => {
  if (hasSameStrategy(before, after)) return
  const [was, is] = [strategyKind(before.strategy), strategyKind(after.strategy)]
  const message = `cannot be changed from ${was} to ${is}: delete and create again`
  throw immutableField([{ path: 'spec.strategy', message }])
}

const updated = (command: Command, state: State, spec: MultiKeyListenerSpec): Event[] => {
  const { uid, generation, spec: previous } = existing(state, command)
  assertSameStrategy(previous, spec)
  if (changedFields(previous, spec).length === 0) return []
  const data = { ...subject(command, uid), generation: generation + 1, spec, previous }
  return [{ type: 'MultiKeyListenerUpdated', data }]
}

const applied = (command: WithNewUid<CommandOf<'ApplyMultiKeyListener'>>, state: State): Event[] => {
  const { spec, replace } = command
  if (!state.exists) return [created(command, spec)]
  if (replace && !hasSameStrategy(state.spec, spec)) return [deleted(command, state.uid), created(command, spec)]
  return updated(command, state, spec)
}

const decide = (command: Command, state: State): Event[] => {
  switch (command.type) {
    case 'CreateMultiKeyListener':
      if (state.exists)
        throw alreadyExists(`MultiKeyListener ${command.name} already exists in namespace ${command.namespace}`)
      return [created(command, command.spec)]
    case 'UpdateMultiKeyListener':
      return updated(command, state, command.spec)
    case 'ApplyMultiKeyListener':
      return applied(command, state)
    case 'DeleteMultiKeyListener':
      return [deleted(command, existing(state, command).uid)]
  }
}

const evolve = (state: State, event: Event): State => {
  switch (event.type) {
    case 'MultiKeyListenerCreated':
      return { exists: true, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'MultiKeyListenerUpdated':
      return state.exists ? { ...state, generation: event.data.generation, spec: event.data.spec } : state
    case 'MultiKeyListenerDeleted':
      return { exists: false }
  }
}

export const multiKeyListener: Decider<State, Command, Event> = { initial: { exists: false }, decide, evolve }
