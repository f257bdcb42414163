import { connectorResource } from './connector.ts'
import type { ResourceSchema } from './definition.ts'
import type { Kind } from './kinds.ts'
import { listenerResource } from './listener.ts'
import { siteResource } from './site.ts'

export const RESOURCES = {
  Listener: listenerResource,
  Connector: connectorResource,
  Site: siteResource,
} as const satisfies Readonly<Record<Kind, ResourceSchema>>

export const resourceEvents = {
  ...listenerResource.events,
  ...connectorResource.events,
  ...siteResource.events,
} as const

export const resourceReports = { ...listenerResource.reports, ...connectorResource.reports } as const

export const commands = {
  ...listenerResource.commands,
  ...connectorResource.commands,
  ...siteResource.commands,
} as const
