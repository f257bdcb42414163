import { connectorResource } from './connector.ts'
import type { ResourceSchema } from './definition.ts'
import type { Kind } from './kinds.ts'
import { listenerResource } from './listener.ts'
import { multiKeyListenerResource } from './multi-key-listener.ts'
import { siteResource } from './site.ts'

export const RESOURCES = {
  Listener: listenerResource,
  Connector: connectorResource,
  MultiKeyListener: multiKeyListenerResource,
  Site: siteResource,
} as const satisfies Readonly<Record<Kind, ResourceSchema>>

type Resource = (typeof RESOURCES)[Kind]
type Part = 'commands' | 'events' | 'reports'
type TypesOf<Of extends Part, R = Resource> = R extends Resource ? keyof R[Of] : never

/** The definitions of all kinds, by type. */
type Merged<Of extends Part> = {
  readonly [Type in TypesOf<Of>]: Extract<Resource[Of], Readonly<Record<Type, unknown>>>[Type]
}

const merged = <Of extends Part>(part: Of): Merged<Of> =>
  Object.assign({}, ...Object.values(RESOURCES).map(resource => resource[part]))

export const resourceEvents = merged('events')
export const resourceReports = merged('reports')
export const commands = merged('commands')
