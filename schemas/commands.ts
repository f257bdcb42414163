import type { CommandIn } from './resources/definition.ts'
import { KINDS, type Kind } from './resources/kinds.ts'
import { commands, RESOURCES } from './resources/registry.ts'

export type { ConnectorCommand } from './resources/connector.ts'
export type { ListenerCommand } from './resources/listener.ts'
export { commands } from './resources/registry.ts'
export type { SiteCommand } from './resources/site.ts'

export type CommandType = keyof typeof commands
export type CommandOf<Type extends CommandType> = CommandIn<Pick<typeof commands, Type>>
export type Command = CommandOf<CommandType>

const COMMAND_TYPES = Object.keys(commands) as readonly CommandType[]

/** The type of the command that makes a resource what its manifest says. */
export const applyType = (kind: Kind): `Apply${Kind}` => `Apply${kind}`

/** The commands that are GraphQL mutations of their own; manifests go through the mutation `apply`. */
export const MUTATION_COMMANDS = COMMAND_TYPES.filter(
  (type): type is Exclude<CommandType, `Apply${Kind}`> => !KINDS.some(kind => type === applyType(kind)),
)

/** `CreateListener` → `createListener`. */
export const mutationName = <Type extends CommandType>(type: Type): Uncapitalize<Type> =>
  `${type.charAt(0).toLowerCase()}${type.slice(1)}` as Uncapitalize<Type>

/** The kind of resource that a command is for. */
export const kindOfCommand = (type: CommandType): Kind => KINDS.find(kind => type in RESOURCES[kind].commands) as Kind
