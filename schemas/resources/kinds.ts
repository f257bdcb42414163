export const API_VERSION = 'skupper.io/v2alpha1'

/** Sorted as in messages. Separate from registry.ts, which loads zod. */
export const KINDS = ['Listener', 'Connector', 'MultiKeyListener', 'Site'] as const
export type Kind = (typeof KINDS)[number]

/** Kinds with conditions, of which a namespace may have many resources. */
export type ConditionedKind = Exclude<Kind, 'Site'>
export const CONDITIONED_KINDS = KINDS.filter((kind): kind is ConditionedKind => kind !== 'Site')

/** `Listener` → `listener` */
export const singular = <K extends Kind>(kind: K): Uncapitalize<K> =>
  `${kind.charAt(0).toLowerCase()}${kind.slice(1)}` as Uncapitalize<K>

/** `Listener` → `listeners` */
export const plural = <K extends Kind>(kind: K): `${Uncapitalize<K>}s` => `${singular(kind)}s`
