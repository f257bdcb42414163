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

export const applyType = (kind: Kind): `Apply${Kind}` => `Apply${kind}`

/** Manifests use the mutation `apply` instead. */
export const MUTATION_COMMANDS = COMMAND_TYPES.filter(
  (type): type is Exclude<CommandType, `Apply${Kind}`> => !KINDS.some(kind => type === applyType(kind)),
)

/** `CreateListener` → `createListener`. */
export const mutationName = <Type extends CommandType>(type: Type): Uncapitalize<Type> =>
  `${type.charAt(0).toLowerCase()}${type.slice(1)}` as Uncapitalize<Type>

export const kindOfCommand = (type: CommandType): Kind => KINDS.find(kind => type in RESOURCES[kind].commands) as Kind
