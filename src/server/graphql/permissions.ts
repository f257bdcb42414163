import { MUTATION_COMMANDS, mutationName } from '../../../schemas/commands.ts'
import { HarkError } from '../../../schemas/errors.ts'
import type { Permission, Principal } from '../../auth/roles.ts'
import { hasPermissionAnywhere, requirePermission } from '../../auth/roles.ts'

/** Refuses with FORBIDDEN what somebody may not ask for with these arguments. */
// biome-ignore lint/suspicious/noExplicitAny: each field has arguments of its own, which GraphQL has checked
export type AccessRule = (principal: Principal, args: any) => void

interface MaybeNamespace {
  readonly namespace?: string | null
}

/** In the namespace that is named; in all, where none is. */
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

/** What tells nothing of any namespace. */
const inAnyNamespace =
  (permission: Permission): AccessRule =>
  principal => {
    if (!hasPermissionAnywhere(principal, permission))
      throw new HarkError('FORBIDDEN', `${principal.name} has no role that is known here`)
  }

const namespaceIn = (manifest: unknown): unknown =>
  (manifest as { readonly metadata?: { readonly namespace?: unknown } | null } | null)?.metadata?.namespace

/** In each namespace that a manifest names; one that names none, or no name at all, is refused by itself. */
const inManifests: AccessRule = (
  principal,
  { input }: { input: MaybeNamespace & { readonly manifests: readonly unknown[] } },
) => {
  inAnyNamespace('change')(principal, {})
  const namespaces = [...input.manifests.map(namespaceIn), input.namespace]
  for (const namespace of new Set(namespaces)) {
    if (typeof namespace === 'string') requirePermission(principal, 'change', namespace)
  }
}

/** What each field of a root type asks for. A field that is not here is served to nobody: see guard.ts. */
export const ACCESS_RULES: Readonly<Record<string, Readonly<Record<string, AccessRule>>>> = {
  Query: {
    listener: inNamespace('read'),
    listeners: inNamespace('read'),
    connector: inNamespace('read'),
    connectors: inNamespace('read'),
    sites: inNamespace('read'),
    routerConfig: inNamespace('read'),
    routerConfigDiff: inNamespace('read'),
    routingKey: everywhere('read'),
    events: inNamespace('read'),
    changes: inNamespace('read'),
    auditReport: inNamespace('audit'),
    head: inAnyNamespace('read'),
  },
  Mutation: {
    ...Object.fromEntries(MUTATION_COMMANDS.map(type => [mutationName(type), inInput('change')])),
    apply: inManifests,
  },
  Subscription: {
    listener: inNamespace('read'),
    listeners: inNamespace('read'),
    hasMatchingConnector: inNamespace('read'),
    ready: inNamespace('read'),
    routerConfig: inNamespace('read'),
    events: inNamespace('read'),
  },
}
