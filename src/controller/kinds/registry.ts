import type { ConditionedKind } from '../../../schemas/resources/kinds.ts'
import { connectorKind } from './connector.ts'
import type { ControlledKind } from './kind.ts'
import { listenerKind } from './listener.ts'
import { multiKeyListenerKind } from './multi-key-listener.ts'

export const CONTROLLED = {
  Listener: listenerKind,
  Connector: connectorKind,
  MultiKeyListener: multiKeyListenerKind,
} as const satisfies Readonly<Record<ConditionedKind, ControlledKind>>

export type RowOf<K extends ConditionedKind> = NonNullable<
  ReturnType<ReturnType<(typeof CONTROLLED)[K]['table']>['get']>
>

export const controlled = (kind: ConditionedKind): ControlledKind => CONTROLLED[kind]
