import type { RoutedKind } from '../../../schemas/router-entities.ts'
import { connectorKind } from './connector.ts'
import type { ControlledKind } from './kind.ts'
import { listenerKind } from './listener.ts'

export const CONTROLLED = {
  Listener: listenerKind,
  Connector: connectorKind,
} as const satisfies Readonly<Record<RoutedKind, ControlledKind>>

export type RowOf<K extends RoutedKind> = NonNullable<ReturnType<ReturnType<(typeof CONTROLLED)[K]['table']>['get']>>

export const controlled = (kind: RoutedKind): ControlledKind => CONTROLLED[kind]
