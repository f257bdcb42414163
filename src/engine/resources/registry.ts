import type { Projection } from '../../../projections/kit/projection.ts'
import type { Command } from '../../../schemas/commands.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import type { RESOURCES } from '../../../schemas/resources/registry.ts'
import { connectorModel } from './connector.ts'
import { listenerModel } from './listener.ts'
import { multiKeyListenerModel } from './multi-key-listener.ts'
import type { ResourceModel } from './resource-model.ts'
import { siteModel } from './site.ts'

const RESOURCE_MODELS = {
  Listener: listenerModel,
  Connector: connectorModel,
  MultiKeyListener: multiKeyListenerModel,
  Site: siteModel,
} as const satisfies Readonly<Record<Kind, ResourceModel>>

export type ResourceModels = typeof RESOURCE_MODELS

export const modelOf = (kind: Kind): ResourceModel => RESOURCE_MODELS[kind]

export type RowsOf<P> = P extends Projection<infer Rows> ? Rows : never

type RowIn<Model extends ResourceModel> = RowsOf<Model['projection']>[Model['table'] &
  keyof RowsOf<Model['projection']>]

/** An interface, so that the compiler knows what the rows of several kinds have in common. */
interface Rows extends Readonly<{ [K in Kind]: RowIn<ResourceModels[K]> }> {}

export type RowOf<K extends Kind> = Rows[K]

export interface AsOf {
  readonly asOf: Position
}

interface PastRows extends Readonly<{ [K in Kind]: ReturnType<ResourceModels[K]['past']> }> {}

export type PastOf<K extends Kind> = PastRows[K]

export type RowAfter<C extends Command> = C extends Command
  ? { readonly [K in Kind]: C['type'] extends keyof (typeof RESOURCES)[K]['commands'] ? RowOf<K> : never }[Kind]
  : never
