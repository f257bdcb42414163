import { MUTATION_COMMANDS, mutationName } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import { CONDITIONED_KINDS, plural, singular } from '../../../schemas/resources/kinds.ts'
import type { Permission, Principal } from '../../auth/roles.ts'
import { hasPermission, hasPermissionAnywhere, requirePermission } from '../../auth/roles.ts'
import { fromGlobalId } from './global-id.ts'

/** Throws FORBIDDEN if the principal may not use the field. */
// biome-ignore lint/suspicious/noExplicitAny: each field has arguments of its own, which graphql-js has validated
type AccessRule = (principal: Principal, args: any) => void

interface MaybeNamespace {
  readonly namespace?: string | null
}

/** Without a namespace, all namespaces need the permission. */
const inNamespace =
  (permission: Permission): AccessRule =>
  (principal, { namespace }: MaybeNamespace) =>
    requirePermission(principal, permission, namespace ?? undefined)

const inInput =
  (permission: Permission): AccessRule =>
  (principal, { input }: { input: MaybeNamespace }) =>
    requirePermission(principal, permission, input.namespace ?? undefined)

const everywhere =
  (permission: Permission): AccessRule =>
  principal =>
    requirePermission(principal, permission, undefined)

const ofAdministrators: AccessRule = principal => {
  if ((['change', 'audit'] as const).every(permission => hasPermission(principal, permission, undefined))) return
  throw new HarkError('FORBIDDEN', `${principal.name} may not do this: it needs the role admin in all namespaces`)
}

const inAnyNamespace =
  (permission: Permission): AccessRule =>
  principal => {
    if (!hasPermissionAnywhere(principal, permission))
      throw new HarkError('FORBIDDEN', `${principal.name} may not ${permission} any namespace`)
  }

/** Without a namespace, the answer is limited to those with the permission. */
const inOneOrAny =
  (permission: Permission): AccessRule =>
  (principal, args: MaybeNamespace) =>
    (args.namespace == null ? inAnyNamespace : inNamespace)(permission)(principal, args)

const inFilter =
  (permission: Permission): AccessRule =>
  (principal, { filter }: { filter?: MaybeNamespace | null }) =>
    inOneOrAny(permission)(principal, filter ?? {})

const namespaceIn = (manifest: unknown): unknown =>
  (manifest as { readonly metadata?: { readonly namespace?: unknown } | null } | null)?.metadata?.namespace

/** A manifest without a valid namespace is rejected later. */
const inManifests: AccessRule = (
  principal,
  { input }: { input: MaybeNamespace & { readonly manifests: readonly unknown[] } },
) => {
  const namespaces = [...input.manifests.map(namespaceIn), input.namespace]
  for (const namespace of new Set(namespaces)) {
    if (typeof namespace === 'string') requirePermission(principal, 'change', namespace)
  }
  inAnyNamespace('change')(principal, {})
}

const inCommands: AccessRule = (
  principal,
  { input: { commands } }: { input: { readonly commands: readonly object[] } },
) => {
  const inputs = commands.flatMap(command => Object.values(command) as MaybeNamespace[])
  for (const namespace of new Set(inputs.map(input => input.namespace)))
    requirePermission(principal, 'change', namespace ?? undefined)
  inAnyNamespace('change')(principal, {})
}

/** Why a command alone would be rejected. */
export const commandRefusal = (principal: Principal, input: MaybeNamespace): HarkError | undefined => {
  try {
    inInput('change')(principal, { input })
    return undefined
  } catch (error) {
    return error as HarkError
  }
}

/** An id that names nothing finds nothing. */
const inResource =
  (permission: Permission): AccessRule =>
  (principal, { id }: { id: string }) => {
    const resource = fromGlobalId(id)
    if (resource === undefined) inAnyNamespace(permission)(principal, {})
    else requirePermission(principal, permission, resource.namespace)
  }

const inResources =
  (permission: Permission): AccessRule =>
  (principal, { ids }: { ids: readonly string[] }) => {
    inAnyNamespace(permission)(principal, {})
    for (const id of ids) inResource(permission)(principal, { id })
  }

const readable = (fields: readonly string[]): Readonly<Record<string, AccessRule>> =>
  Object.fromEntries(fields.map(field => [field, inNamespace('read')]))

export const ACCESS_RULES: Readonly<Record<string, Readonly<Record<string, AccessRule>>>> = {
  Query: {
    ...readable([...CONDITIONED_KINDS.map(singular), ...CONDITIONED_KINDS.map(plural)]),
    node: inResource('read'),
    nodes: inResources('read'),
    sites: inNamespace('read'),
    routerConfig: inNamespace('read'),
    routerConfigDiff: inNamespace('read'),
    routingKey: everywhere('read'),
    events: inNamespace('read'),
    changes: inNamespace('read'),
    auditReport: inNamespace('audit'),
    head: inAnyNamespace('read'),
    viewer: inAnyNamespace('read'),
    namespaces: inAnyNamespace('read'),
    eventDensity: inOneOrAny('read'),
    statusLanes: inFilter('read'),
    statusChanges: inNamespace('read'),
    bisect: inNamespace('read'),
    record: everywhere('audit'),
    rebuild: everywhere('read'),
  },
  Mutation: {
    ...Object.fromEntries(MUTATION_COMMANDS.map(type => [mutationName(type), inInput('change')])),
    apply: inManifests,
    executeCommands: inCommands,
    compactHistory: ofAdministrators,
    rebuildReadModels: ofAdministrators,
  },
  Subscription: {
    ...readable(CONDITIONED_KINDS.map(plural)),
    listener: inNamespace('read'),
    sites: inNamespace('read'),
    hasMatchingConnector: inNamespace('read'),
    ready: inNamespace('read'),
    routerConfig: inNamespace('read'),
    events: inNamespace('read'),
  },
}
