import { HarkError } from '../../schemas/errors.ts'
import { AGENT } from '../../schemas/events/agent.ts'
import { namespaceName } from '../../schemas/resources/names.ts'

/** `audit` covers actors, clients, rejected commands and the raw log. */
export const PERMISSION_NAMES = ['read', 'change', 'audit'] as const
export type Permission = (typeof PERMISSION_NAMES)[number]

const PERMISSIONS = {
  viewer: ['read'],
  operator: ['read', 'change'],
  auditor: ['read', 'audit'],
  admin: ['read', 'change', 'audit'],
} as const satisfies Record<string, readonly Permission[]>

type Role = keyof typeof PERMISSIONS
export const ROLES = Object.keys(PERMISSIONS) as readonly Role[]

export interface Grant {
  readonly role: Role
  readonly namespaces: 'all' | readonly string[]
}

export interface Principal {
  readonly name: string
  readonly grants: readonly Grant[]
  isValid(): boolean
}

export const ANONYMOUS: Principal = {
  name: 'anonymous',
  grants: [{ role: 'admin', namespaces: 'all' }],
  isValid: () => true,
}

export const RESERVED_NAMES: readonly string[] = [ANONYMOUS.name, AGENT]

const isRole = (text: string): text is Role => Object.hasOwn(PERMISSIONS, text)

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

export const hasPermission = ({ grants }: Principal, permission: Permission, namespace: string | undefined): boolean =>
  grants.some(
    grant =>
      gives(grant, permission) &&
      (grant.namespaces === 'all' || (namespace !== undefined && grant.namespaces.includes(namespace))),
  )

export const hasPermissionAnywhere = ({ grants }: Principal, permission: Permission): boolean =>
  grants.some(grant => gives(grant, permission))

export const namespacesWith = ({ grants }: Principal, permission: Permission): Grant['namespaces'] => {
  const own = grants.filter(grant => gives(grant, permission))
  const named = own.flatMap(({ namespaces }) => (namespaces === 'all' ? [] : namespaces))
  return own.some(({ namespaces }) => namespaces === 'all') ? 'all' : [...new Set(named)].sort()
}

const VERBS: Record<Permission, string> = {
  read: 'read',
  change: 'change',
  audit: 'audit',
}

export const requirePermission = (
  principal: Principal,
  permission: Permission,
  namespace: string | undefined,
): void => {
  if (hasPermission(principal, permission, namespace)) return
  const hint = hasPermissionAnywhere(principal, permission) ? ' together: name one' : ''
  const where = namespace === undefined ? `all namespaces${hint}` : `namespace ${namespace}`
  throw new HarkError('FORBIDDEN', `${principal.name} may not ${VERBS[permission]} ${where}`)
}
