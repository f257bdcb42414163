import { KINDS } from './resources/kinds.ts'

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
  'rebuild',
  'compact',
  'other',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** Commands are `Done` or `Refused`; events from a router or from Hark itself are `Observed`. */
const AUDIT_RESULTS = ['Done', 'Refused', 'Observed'] as const
export type AuditResult = (typeof AUDIT_RESULTS)[number]

/** `Manifest` is a rejected `apply`, `Log` the whole log, and `Hark` the engine, or an unknown kind of event. */
export const AUDITED_KINDS = [...KINDS, 'Router', 'Manifest', 'SigningKey', 'Token', 'Log', 'Hark'] as const
export type AuditedKind = (typeof AUDITED_KINDS)[number]

interface ResourceRef {
  readonly kind?: AuditedKind
  readonly name: string
}

/** Parses `listener/backend`, or `backend` for any kind; returns undefined for other text. */
export const parseResourceRef = (text: string): ResourceRef | undefined => {
  const [name = '', kindText, ...more] = text.split('/').reverse()
  const kind = AUDITED_KINDS.find(known => known.toLowerCase() === kindText?.toLowerCase())
  if (name === '' || more.length > 0 || (kindText !== undefined && kind === undefined)) return undefined
  return { name, ...(kind && { kind }) }
}
