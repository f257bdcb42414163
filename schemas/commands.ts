import { z } from 'zod'
import { connectorSpecInput } from './resources/connector.ts'
import { listenerSpecInput } from './resources/listener.ts'
import { hostName, namespaceName, portNumber, resourceName, routingKey } from './resources/names.ts'
import { siteSpec } from './resources/site.ts'

/** The resource that a command is about. */
const subject = { namespace: namespaceName, name: resourceName }

const command = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), ...subject, ...shape })

export const createListener = command('CreateListener', { spec: listenerSpecInput })
export const updateRoutingKey = command('UpdateRoutingKey', { routingKey })
export const updateHost = command('UpdateHost', { host: hostName })
export const updatePort = command('UpdatePort', { port: portNumber })
export const deleteListener = command('DeleteListener', {})
/** Creates the listener, changes what differs, or leaves it alone. */
export const applyListener = command('ApplyListener', { spec: listenerSpecInput })

export const createConnector = command('CreateConnector', { spec: connectorSpecInput })
export const updateConnector = command('UpdateConnector', { spec: connectorSpecInput })
export const deleteConnector = command('DeleteConnector', {})
export const applyConnector = command('ApplyConnector', { spec: connectorSpecInput })

export const applySite = command('ApplySite', { spec: siteSpec })

export type CreateListener = z.output<typeof createListener>
export type UpdateRoutingKey = z.output<typeof updateRoutingKey>
export type UpdateHost = z.output<typeof updateHost>
export type UpdatePort = z.output<typeof updatePort>
export type DeleteListener = z.output<typeof deleteListener>
export type ApplyListener = z.output<typeof applyListener>
export type ListenerCommand =
  | CreateListener
  | UpdateRoutingKey
  | UpdateHost
  | UpdatePort
  | DeleteListener
  | ApplyListener

export type CreateConnector = z.output<typeof createConnector>
export type UpdateConnector = z.output<typeof updateConnector>
export type DeleteConnector = z.output<typeof deleteConnector>
export type ApplyConnector = z.output<typeof applyConnector>
export type ConnectorCommand = CreateConnector | UpdateConnector | DeleteConnector | ApplyConnector

export type SiteCommand = z.output<typeof applySite>

export type Command = ListenerCommand | ConnectorCommand | SiteCommand

/** Every command as it comes from outside, by the name of its type. */
export const commands = {
  CreateListener: createListener,
  UpdateRoutingKey: updateRoutingKey,
  UpdateHost: updateHost,
  UpdatePort: updatePort,
  DeleteListener: deleteListener,
  ApplyListener: applyListener,
  CreateConnector: createConnector,
  UpdateConnector: updateConnector,
  DeleteConnector: deleteConnector,
  ApplyConnector: applyConnector,
  ApplySite: applySite,
} as const satisfies { readonly [Type in Command['type']]: z.ZodType<Command & { type: Type }> }
