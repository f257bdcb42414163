import { connectorResource } from './connector.ts'
import type { ResourceSchema } from './definition.ts'
import { listenerResource } from './listener.ts'
import { siteResource } from './site.ts'

/** Every kind of resource, in the order in which messages list them. */
export const RESOURCES = {
  Listener: listenerResource,
  Connector: connectorResource,
  Site: siteResource,
} as const satisfies Readonly<Record<string, ResourceSchema>>

export type Kind = keyof typeof RESOURCES
export const KINDS = Object.keys(RESOURCES) as readonly Kind[]

export const resourceEvents = {
  ...listenerResource.events,
  ...connectorResource.events,
  ...siteResource.events,
} as const

/** The schema of every command, by its type. */
export const commands = {
  ...listenerResource.commands,
  ...connectorResource.commands,
  ...siteResource.commands,
} as const
