import { grantText, namespacesWith, PERMISSION_NAMES, type Principal } from '../../../auth/roles.ts'
import type { OperationContext } from '../context.ts'
import type { ResolverServices } from './shared.ts'

const permissionsOf = (principal: Principal) =>
  PERMISSION_NAMES.map(permission => ({ permission, namespaces: namespacesWith(principal, permission) }))
    .filter(({ namespaces }) => namespaces.length > 0)
    .map(({ permission, namespaces }) => ({ permission, namespaces: namespaces === 'all' ? null : namespaces }))

export const viewerResolvers = ({ requiresToken }: ResolverServices) => ({
  Query: {
    viewer: (_: unknown, _args: object, { principal }: OperationContext) => ({
      name: principal.name,
      roles: principal.grants.map(grantText),
      permissions: permissionsOf(principal),
      requiresToken: requiresToken(),
    }),
  },
})
