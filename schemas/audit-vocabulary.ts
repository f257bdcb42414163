/** What an entry of the audit report says was done, in one word that stays the same: what reports are filtered by. */
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

/**
 * What became of it. `Done`: somebody asked for it, and it was done. `Refused`: somebody asked, and it was not done.
 * `Observed`: nobody asked; a router said so, or Hark found it so.
 */
export const AUDIT_RESULTS = ['Done', 'Refused', 'Observed'] as const
export type AuditResult = (typeof AUDIT_RESULTS)[number]

/** What entries are about. `Manifest`: what was to be applied and was refused. `Log`: all of it. `Hark`: what is kept for auditors alone. */
export const AUDITED_KINDS = [
  'Listener',
  'Connector',
  'Site',
  'Router',
  'Manifest',
  'SigningKey',
  'Token',
  'Log',
  'Hark',
] as const
export type AuditedKind = (typeof AUDITED_KINDS)[number]

export interface ResourceRef {
  readonly kind?: AuditedKind
  readonly name: string
}

/** Reads `listener/backend`, or `backend` for whatever bears the name; undefined where it is neither. */
export const parseResourceRef = (text: string): ResourceRef | undefined => {
  const [name = '', kindText, ...more] = text.split('/').reverse()
  const kind = AUDITED_KINDS.find(known => known.toLowerCase() === kindText?.toLowerCase())
  if (name === '' || more.length > 0 || (kindText !== undefined && kind === undefined)) return undefined
  return { name, ...(kind && { kind }) }
}
