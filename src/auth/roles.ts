import { HarkError } from '../../schemas/errors.ts'
import { namespaceName } from '../../schemas/resources/names.ts'

/** What there is to be allowed. `audit`: who did what from where, what was refused, and the log as it is. */
export type Permission = 'read' | 'change' | 'audit'

const PERMISSIONS = {
  viewer: ['read'],
  operator: ['read', 'change'],
  auditor: ['read', 'audit'],
  admin: ['read', 'change', 'audit'],
} as const satisfies Record<string, readonly Permission[]>

export type Role = keyof typeof PERMISSIONS
export const ROLES = Object.keys(PERMISSIONS) as readonly Role[]

/** A role, in all namespaces or in some. */
export interface Grant {
  readonly role: Role
  readonly namespaces: 'all' | readonly string[]
}

/** Somebody who may ask for something. */
export interface Principal {
  /** What events name as their actor. */
  readonly name: string
  readonly grants: readonly Grant[]
  /** Whether what it showed to prove who it is holds still. */
  isValid(): boolean
}

/** Where nobody is asked who they are. */
export const ANONYMOUS: Principal = {
  name: 'anonymous',
  grants: [{ role: 'admin', namespaces: 'all' }],
  isValid: () => true,
}

/** Names that events give to others than those who show a token. */
export const RESERVED_NAMES: readonly string[] = [ANONYMOUS.name, 'agent']

const isRole = (text: string): text is Role => Object.hasOwn(PERMISSIONS, text)

/** Reads `operator`, or `operator:west,east`; undefined where it is neither. */
export const readGrant = (text: string): Grant | undefined => {
  const [role = '', names, ...more] = text.split(':')
  if (!isRole(role) || more.length > 0) return undefined
  if (names === undefined) return { role, namespaces: 'all' }
  const namespaces = names.split(',')
  return namespaces.every(name => namespaceName.safeParse(name).success) ? { role, namespaces } : undefined
}

export const grantText = ({ role, namespaces }: Grant): string =>
  namespaces === 'all' ? role : `${role}:${namespaces.join(',')}`

const gives = ({ role }: Grant, permission: Permission): boolean =>
  (PERMISSIONS[role] as readonly Permission[]).includes(permission)

/** Whether somebody has a permission in a namespace; in every one, where none is named. */
export const hasPermission = ({ grants }: Principal, permission: Permission, namespace: string | undefined): boolean =>
  grants.some(
    grant =>
      gives(grant, permission) &&
      (grant.namespaces === 'all' || (namespace !== undefined && grant.namespaces.includes(namespace))),
  )

/** Whether somebody has a permission in any namespace at all. */
export const hasPermissionAnywhere = ({ grants }: Principal, permission: Permission): boolean =>
  grants.some(grant => gives(grant, permission))

const WORDS: Record<Permission, string> = {
  read: 'look at',
  change: 'change',
  audit: 'audit',
}

/** @throws HarkError FORBIDDEN that says what is not allowed, and where */
export const requirePermission = (
  principal: Principal,
  permission: Permission,
  namespace: string | undefined,
): void => {
  if (hasPermission(principal, permission, namespace)) return
  const where = namespace === undefined ? 'all namespaces at once: name one' : `namespace ${namespace}`
  throw new HarkError('FORBIDDEN', `${principal.name} may not ${WORDS[permission]} ${where}`)
}
