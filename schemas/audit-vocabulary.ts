import { KINDS } from './resources/kinds.ts'

/** The actions that audit reports can be filtered by. */
export const AUDIT_ACTIONS = [
  'create',
  'update',
  'delete',
  'refuse',
  'attach',
  'connect',
  'lose',
  'detach',
  'drive',
  'accept',
  'reject',
  'open',
  'fail',
  'drift',
  'probe',
  'see',
  'miss',
  'introduce',
  'import',
  'other',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** `Done` and `Refused` commands; `Observed` events are reported by a router or found by Hark itself. */
export const AUDIT_RESULTS = ['Done', 'Refused', 'Observed'] as const
export type AuditResult = (typeof AUDIT_RESULTS)[number]

/** `Manifest`: a rejected `apply`. `Log`: the whole log. `Hark`: an event of a kind that this version does not know. */
export const AUDITED_KINDS = [...KINDS, 'Router', 'Manifest', 'SigningKey', 'Token', 'Log', 'Hark'] as const
export type AuditedKind = (typeof AUDITED_KINDS)[number]

export interface ResourceRef {
  readonly kind?: AuditedKind
  readonly name: string
}

/** Parses `listener/backend`, or `backend` for a resource of any kind; undefined for anything else. */
export const parseResourceRef = (text: string): ResourceRef | undefined => {
  const [name = '', kindText, ...more] = text.split('/').reverse()
  const kind = AUDITED_KINDS.find(known => known.toLowerCase() === kindText?.toLowerCase())
  if (name === '' || more.length > 0 || (kindText !== undefined && kind === undefined)) return undefined
  return { name, ...(kind && { kind }) }
}
