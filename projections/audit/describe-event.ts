import type { AuditAction, AuditedKind, AuditResult } from '../../schemas/audit-vocabulary.ts'
import type { EventData, EventType } from '../../schemas/events/events.ts'
import { type FieldChange, fieldChanges } from './field-changes.ts'

export interface AuditedResource {
  readonly kind: AuditedKind
  readonly namespace?: string | undefined
  /** That of a router is its namespace: there is one in each. */
  readonly name?: string | undefined
}

/** A command that was not done. */
export interface Refusal {
  readonly command: string
  readonly code: string
  /** What was asked for. */
  readonly asked: unknown
}

/** What an event's data says to an auditor. */
export interface AuditDescription {
  readonly action: AuditAction
  readonly result: AuditResult
  /** What was done, in words; of what, the resource says. */
  readonly words: string
  readonly resource: AuditedResource
  readonly changes?: readonly FieldChange[]
  /** Why, in the words of who said it. */
  readonly message?: string
  readonly refusal?: Refusal
}

interface Named {
  readonly namespace: string
  readonly name: string
}

type Kind = 'Listener' | 'Connector' | 'Site'

const resource = (kind: Kind, { namespace, name }: Named): AuditedResource => ({ kind, namespace, name })

const created = (kind: Kind, data: Named & { readonly spec: object }): AuditDescription => ({
  action: 'create',
  result: 'Done',
  words: 'created',
  resource: resource(kind, data),
  changes: fieldChanges(undefined, data.spec, 'spec'),
})

const updated = (kind: Kind, data: Named, words: string, before: object, after: object): AuditDescription => ({
  action: 'update',
  result: 'Done',
  words,
  resource: resource(kind, data),
  changes: fieldChanges(before, after, 'spec'),
})

const deleted = (kind: Kind, data: Named): AuditDescription => ({
  action: 'delete',
  result: 'Done',
  words: 'deleted',
  resource: resource(kind, data),
})

/** What a router said of a resource. */
const routerReported = (
  kind: Kind,
  data: Named & { readonly message?: string },
  action: AuditAction,
  words: string,
): AuditDescription => ({
  action,
  result: 'Observed',
  words,
  resource: resource(kind, data),
  ...(data.message !== undefined && { message: data.message }),
})

interface RouterStory {
  readonly action: AuditAction
  readonly result?: AuditResult
  readonly words: string
  readonly changes?: readonly FieldChange[]
  readonly message?: string
}

const ofRouter = ({ namespace }: { readonly namespace: string }, story: RouterStory): AuditDescription => ({
  result: 'Observed',
  ...story,
  resource: { kind: 'Router', namespace, name: namespace },
})

/** Commands are named after what they do, and so tell what they are about. */
const kindOfCommand = (command: string): AuditedKind => {
  if (command === 'apply') return 'Manifest'
  return command.includes('Connector') ? 'Connector' : 'Listener'
}

/** `updatePort`, `PortUpdated`: as people write it. */
export const spaced = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()

const refused = (data: EventData<'CommandRefused'>): AuditDescription => {
  const { command, namespace, name, input: asked, code, message } = data
  return {
    action: 'refuse',
    result: 'Refused',
    words: `refused: ${spaced(command)}`,
    resource: { kind: kindOfCommand(command), namespace, name },
    message,
    refusal: { command, code, asked },
  }
}

/**
 * What each type of event says to an auditor. Claims, leases and checkpoints are left out: they are how Hark keeps its own
 * books, and nobody asked for them.
 */
export const DESCRIPTIONS: { readonly [Type in EventType]?: (data: EventData<Type>) => AuditDescription } = {
  ListenerCreated: data => created('Listener', data),
  RoutingKeyUpdated: data =>
    updated(
      'Listener',
      data,
      'changed the routing key',
      { routingKey: data.previous },
      { routingKey: data.routingKey },
    ),
  HostUpdated: data => updated('Listener', data, 'changed the host', { host: data.previous }, { host: data.host }),
  PortUpdated: data => updated('Listener', data, 'changed the port', { port: data.previous }, { port: data.port }),
  ListenerDeleted: data => deleted('Listener', data),

  ConnectorCreated: data => created('Connector', data),
  ConnectorUpdated: data => updated('Connector', data, 'changed', data.previous, data.spec),
  ConnectorDeleted: data => deleted('Connector', data),

  SiteCreated: data => created('Site', data),
  SiteUpdated: data => updated('Site', data, 'changed', data.previous, data.spec),

  RouterAttached: data =>
    ofRouter(data, {
      action: 'attach',
      result: 'Done',
      words: 'attached',
      changes: fieldChanges(undefined, { url: data.url }),
    }),
  RouterConnected: data => ofRouter(data, { action: 'connect', words: `connected as router ${data.id}` }),
  RouterLost: data => ofRouter(data, { action: 'lose', words: 'lost', message: data.reason }),
  RouterUnobserved: data => ofRouter(data, { action: 'lose', words: `no engine watched it since ${data.since}` }),
  RouterDetached: data => ofRouter(data, { action: 'detach', result: 'Done', words: 'detached' }),
  RouterDriverChanged: data => ofRouter(data, { action: 'drive', words: `driven by engine ${data.driver}` }),

  RouterContested: data =>
    ofRouter(data, { action: 'drive', words: 'driven by others as well', message: data.message }),
  RouterUncontested: data => ofRouter(data, { action: 'drive', words: 'driven by nobody else any more' }),

  RouterCertificatesConfigured: data =>
    ofRouter(data, {
      action: 'update',
      result: 'Done',
      words: 'finds TLS credentials in another folder',
      changes: fieldChanges(undefined, { certificates: data.folder }),
    }),

  ListenerAccepted: data => routerReported('Listener', data, 'accept', 'accepted by the router'),
  ListenerRefused: data => routerReported('Listener', data, 'reject', 'rejected by the router'),
  ListenerOpened: data => routerReported('Listener', data, 'open', 'opened by the router'),
  ListenerFailedToOpen: data => routerReported('Listener', data, 'fail', 'not opened by the router'),
  ListenerDrifted: data => routerReported('Listener', data, 'drift', 'altered at the router'),

  ListenerCredentialsUnfit: data =>
    routerReported('Listener', data, 'fail', 'found with TLS credentials that are not fit'),
  ListenerReached: data => routerReported('Listener', data, 'probe', 'reached by a probe'),
  ListenerNotReached: data => routerReported('Listener', data, 'probe', 'not reached by a probe'),
  ListenerProbeInconclusive: data => routerReported('Listener', data, 'probe', 'probed to no end'),

  ConnectorAccepted: data => routerReported('Connector', data, 'accept', 'accepted by the router'),
  ConnectorRefused: data => routerReported('Connector', data, 'reject', 'rejected by the router'),
  ConnectorCredentialsUnfit: data =>
    routerReported('Connector', data, 'fail', 'found with TLS credentials that are not fit'),
  ConnectorDrifted: data => routerReported('Connector', data, 'drift', 'altered at the router'),

  ConnectorSeen: ({ namespace, identity, ...seen }) =>
    ofRouter(
      { namespace },
      { action: 'see', words: `saw connector ${identity}`, changes: fieldChanges(undefined, seen) },
    ),
  ConnectorGone: data => ofRouter(data, { action: 'miss', words: `no longer sees connector ${data.identity}` }),
  ListenerSeen: ({ namespace, identity, ...seen }) =>
    ofRouter(
      { namespace },
      { action: 'see', words: `saw listener ${identity}`, changes: fieldChanges(undefined, seen) },
    ),
  ListenerGone: data => ofRouter(data, { action: 'miss', words: `no longer sees listener ${data.identity}` }),

  LogImported: ({ file, events }) => ({
    action: 'import',
    result: 'Done',
    words: `imported ${events} events`,
    resource: { kind: 'Log', name: file },
  }),
  CommandRefused: refused,
  TokenCreated: ({ name, roles, expiresAt }) => ({
    action: 'create',
    result: 'Done',
    words: 'created',
    resource: { kind: 'Token', name },
    changes: fieldChanges(undefined, { roles: roles.join(' '), ...(expiresAt !== undefined && { expiresAt }) }),
  }),
  TokenRevoked: ({ name }) => ({
    action: 'delete',
    result: 'Done',
    words: 'revoked',
    resource: { kind: 'Token', name },
  }),
  TokenRefused: ({ clients, otherAttempts }) => ({
    action: 'refuse',
    result: 'Refused',
    words: 'refused: tokens that are not known, were revoked or have expired',
    resource: { kind: 'Token' },
    message: [
      ...clients.map(({ address, attempts }) => `${attempts} from ${address}`),
      ...(otherAttempts > 0 ? [`${otherAttempts} from elsewhere`] : []),
    ].join(', '),
  }),
  SigningKeyIntroduced: ({ newKeyId }) => ({
    action: 'introduce',
    result: 'Done',
    words: 'introduced',
    resource: { kind: 'SigningKey', name: newKeyId },
  }),
}
