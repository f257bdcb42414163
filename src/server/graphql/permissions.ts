import { HarkError } from '../../../schemas/errors.ts'
import type { Permission, Principal } from '../../auth/roles.ts'
import { maySomewhere, mustHave } from '../../auth/roles.ts'

/** Refuses with FORBIDDEN what somebody may not ask for with these arguments. */
// biome-ignore lint/suspicious/noExplicitAny: each field has arguments of its own, which GraphQL has checked
export type AccessRule = (principal: Principal, args: any) => void

interface MaybeNamespace {
  readonly namespace?: string | null
}

/** In the namespace that is named; in all, where none is. */
const named =
  (permission: Permission): AccessRule =>
  (principal, { namespace }: MaybeNamespace) =>
    mustHave(principal, permission, namespace ?? undefined)

const inInput =
  (permission: Permission): AccessRule =>
  (principal, { input }: { input: MaybeNamespace }) =>
    mustHave(principal, permission, input.namespace ?? undefined)

const everywhere =
  (permission: Permission): AccessRule =>
  principal =>
    mustHave(principal, permission, undefined)

/** What tells nothing of any namespace. */
const anywhere =
  (permission: Permission): AccessRule =>
  principal => {
    if (!maySomewhere(principal, permission))
      throw new HarkError('FORBIDDEN', `${principal.name} has no role that is known here`)
  }

const namespaceIn = (manifest: unknown): unknown =>
  (manifest as { readonly metadata?: { readonly namespace?: unknown } | null } | null)?.metadata?.namespace

/** In each namespace that a manifest names; one that names none, or no name at all, is refused by itself. */
const inManifests: AccessRule = (
  principal,
  { input }: { input: MaybeNamespace & { readonly manifests: readonly unknown[] } },
) => {
  anywhere('change')(principal, {})
  const namespaces = [...input.manifests.map(namespaceIn), input.namespace]
  for (const namespace of new Set(namespaces)) {
    if (typeof namespace === 'string') mustHave(principal, 'change', namespace)
  }
}

/** What each field of a root type asks for. A field that is not here is served to nobody: see guard.ts. */
export const ACCESS_RULES: Readonly<Record<string, Readonly<Record<string, AccessRule>>>> = {
  Query: {
    listener: named('read'),
    listeners: named('read'),
    connector: named('read'),
    connectors: named('read'),
    sites: named('read'),
    routerConfig: named('read'),
    routerConfigDiff: named('read'),
    routingKey: everywhere('read'),
    events: named('read'),
    changes: named('read'),
    auditReport: named('audit'),
    head: anywhere('read'),
  },
  Mutation: {
    createListener: inInput('change'),
    updateRoutingKey: inInput('change'),
    updateHost: inInput('change'),
    updatePort: inInput('change'),
    deleteListener: inInput('change'),
    createConnector: inInput('change'),
    updateConnector: inInput('change'),
    deleteConnector: inInput('change'),
    apply: inManifests,
  },
  Subscription: {
    listener: named('read'),
    listeners: named('read'),
    hasMatchingConnector: named('read'),
    ready: named('read'),
    routerConfig: named('read'),
    events: named('read'),
  },
}
