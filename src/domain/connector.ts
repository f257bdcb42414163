import type { CommandOf, ConnectorCommand } from '../../schemas/commands.ts'
import { alreadyExists, notFound } from '../../schemas/errors.ts'
import type { ConnectorEvent } from '../../schemas/events/events.ts'
import type { ConnectorSpec } from '../../schemas/resources/connector.ts'
import type { Decider, ResourceState, WithNewUid } from './decider.ts'
import { assertImmutableFields, changedFields, changedImmutableFields } from './immutable-fields.ts'

type ConnectorState = ResourceState<ConnectorSpec>
type Connector = Extract<ConnectorState, { exists: true }>
type Command = WithNewUid<ConnectorCommand>

/** Those that Skupper's reference of connectors marks as updatable. */
const UPDATABLE = ['routingKey', 'host', 'selector', 'port'] as const

const existing = (connector: ConnectorState, command: Command): Connector => {
  if (!connector.exists) throw notFound('Connector', command.namespace, command.name)
  return connector
}

const subject = (command: Command, uid: string) => ({ namespace: command.namespace, name: command.name, uid })

const created = (command: WithNewUid<CommandOf<'CreateConnector' | 'ApplyConnector'>>): ConnectorEvent => ({
  type: 'ConnectorCreated',
  data: { ...subject(command, command.newUid), spec: command.spec },
})

const deleted = (command: Command, { uid }: Connector): ConnectorEvent => ({
  type: 'ConnectorDeleted',
  data: subject(command, uid),
})

const updateConnector = (
  command: WithNewUid<CommandOf<'UpdateConnector' | 'ApplyConnector'>>,
  connector: Connector,
): ConnectorEvent[] => {
  assertImmutableFields(connector.spec, command.spec, UPDATABLE)
  if (changedFields(connector.spec, command.spec).length === 0) return []
  const { uid, generation, spec: previous } = connector
  return [
    {
      type: 'ConnectorUpdated',
      data: { ...subject(command, uid), generation: generation + 1, spec: command.spec, previous },
    },
  ]
}

const applyConnector = (
  command: WithNewUid<CommandOf<'ApplyConnector'>>,
  connector: ConnectorState,
): ConnectorEvent[] => {
  if (!connector.exists) return [created(command)]
  if (command.replace && changedImmutableFields(connector.spec, command.spec, UPDATABLE).length > 0)
    return [deleted(command, connector), created(command)]
  return updateConnector(command, connector)
}

const decide = (command: Command, connector: ConnectorState): ConnectorEvent[] => {
  switch (command.type) {
    case 'CreateConnector':
      if (connector.exists)
        throw alreadyExists(`Connector ${command.name} already exists in namespace ${command.namespace}`)
      return [created(command)]
    case 'UpdateConnector':
      return updateConnector(command, existing(connector, command))
    case 'ApplyConnector':
      return applyConnector(command, connector)
    case 'DeleteConnector':
      return [deleted(command, existing(connector, command))]
  }
}

const evolve = (state: ConnectorState, event: ConnectorEvent): ConnectorState => {
  switch (event.type) {
    case 'ConnectorCreated':
      return { exists: true, uid: event.data.uid, generation: 1, spec: event.data.spec }
    case 'ConnectorUpdated':
      return state.exists ? { ...state, generation: event.data.generation, spec: event.data.spec } : state
    case 'ConnectorDeleted':
      return { exists: false }
  }
}

export const connector: Decider<ConnectorState, Command, ConnectorEvent> = {
  initial: { exists: false },
  decide,
  evolve,
}
