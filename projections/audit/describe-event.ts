import type { AuditAction, AuditedKind, AuditResult } from '../../schemas/audit-vocabulary.ts'
import { type CommandType, commands, kindOfCommand } from '../../schemas/commands.ts'
import type { AuditedEventType, EventData } from '../../schemas/events/events.ts'
import type { Kind } from '../../schemas/resources/kinds.ts'
import { updatedFields } from '../../schemas/resources/listener.ts'
import { type FieldChange, fieldChanges } from './field-changes.ts'

export interface AuditedResource {
  readonly kind: AuditedKind
  readonly namespace?: string | undefined
  /** Routers have the name of their namespace. */
  readonly name?: string | undefined
}

export interface Refusal {
  readonly command: string
  readonly code: string
  readonly asked: unknown
}

export interface AuditDescription {
  readonly action: AuditAction
  readonly result: AuditResult
  /** A readable action without the resource. */
  readonly words: string
  readonly resource: AuditedResource
  readonly changes?: readonly FieldChange[]
  readonly message?: string
  readonly refusal?: Refusal
}

interface Named {
  readonly namespace: string
  readonly name: string
}

const done = (
  action: AuditAction,
  words: string,
  resource: AuditedResource,
  changes?: readonly FieldChange[],
): AuditDescription => ({ action, result: 'Done', words, resource, ...(changes && { changes }) })

const resource = (kind: Kind, { namespace, name }: Named): AuditedResource => ({ kind, namespace, name })

const created = (kind: Kind, data: Named & { readonly spec: object }): AuditDescription =>
  done('create', 'created', resource(kind, data), fieldChanges(undefined, data.spec, 'spec'))

const updated = (kind: Kind, data: Named & { readonly spec: object; readonly previous: object }): AuditDescription =>
  done('update', 'changed', resource(kind, data), fieldChanges(data.previous, data.spec, 'spec'))

const listenerUpdated = (data: EventData<'RoutingKeyUpdated' | 'HostUpdated' | 'PortUpdated'>): AuditDescription => {
  const after = updatedFields(data)
  const [field = ''] = Object.keys(after)
  const changes = fieldChanges({ [field]: data.previous }, after, 'spec')
  return done('update', `changed the ${spaced(field)}`, resource('Listener', data), changes)
}

const deleted = (kind: Kind, data: Named): AuditDescription => done('delete', 'deleted', resource(kind, data))

const observed =
  (kind: Kind, action: AuditAction, words: string) =>
  (data: Named & { readonly message?: string }): AuditDescription => ({
    action,
    result: 'Observed',
    words,
    resource: resource(kind, data),
    ...(data.message !== undefined && { message: data.message }),
  })

const ofRouter = (
  { namespace }: { readonly namespace: string },
  description: Omit<AuditDescription, 'resource' | 'result'> & { readonly result?: AuditResult },
): AuditDescription => ({
  result: 'Observed',
  ...description,
  resource: { kind: 'Router', namespace, name: namespace },
})

/** `updatePort` → `update port` */
export const spaced = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()

const kindOfMutation = (mutation: string): AuditedKind => {
  if (mutation === 'apply') return 'Manifest'
  const type = mutation.charAt(0).toUpperCase() + mutation.slice(1)
  return type in commands ? kindOfCommand(type as CommandType) : 'Listener'
}

const refused = (data: EventData<'CommandRefused'>): AuditDescription => {
  const { command, namespace, name, input: asked, code, message } = data
  return {
    action: 'refuse',
    result: 'Refused',
    words: `refused: ${spaced(command)}`,
    resource: { kind: kindOfMutation(command), namespace, name },
    message,
    refusal: { command, code, asked },
  }
}

export const DESCRIPTIONS: { readonly [Type in AuditedEventType]: (data: EventData<Type>) => AuditDescription } = {
  ListenerCreated: data => created('Listener', data),
  RoutingKeyUpdated: listenerUpdated,
  HostUpdated: listenerUpdated,
  PortUpdated: listenerUpdated,
  ListenerDeleted: data => deleted('Listener', data),

  ConnectorCreated: data => created('Connector', data),
  ConnectorUpdated: data => updated('Connector', data),
  ConnectorDeleted: data => deleted('Connector', data),

  SiteCreated: data => created('Site', data),
  SiteUpdated: data => updated('Site', data),

  RouterAttached: data =>
    ofRouter(data, {
      action: 'attach',
      result: 'Done',
      words: 'attached',
      changes: fieldChanges(undefined, { url: data.url }),
    }),
  RouterConnected: data => ofRouter(data, { action: 'connect', words: `connected as router ${data.id}` }),
  RouterLost: data => ofRouter(data, { action: 'lose', words: 'lost', message: data.reason }),
  RouterUnobserved: data => ofRouter(data, { action: 'lose', words: `watched by no engine since ${data.since}` }),
  RouterDetached: data => ofRouter(data, { action: 'detach', result: 'Done', words: 'detached' }),
  RouterDriverChanged: data => ofRouter(data, { action: 'drive', words: `driven by engine ${data.driver}` }),
  RouterContested: data =>
    ofRouter(data, { action: 'drive', words: 'also driven by another controller', message: data.message }),
  RouterUncontested: data => ofRouter(data, { action: 'drive', words: 'no longer driven by another controller' }),
  RouterCertificatesConfigured: data =>
    ofRouter(data, {
      action: 'update',
      result: 'Done',
      words: 'changed the folder of TLS credentials',
      changes: fieldChanges(undefined, { certificates: data.folder }),
    }),

  ListenerAccepted: observed('Listener', 'accept', 'accepted by the router'),
  ListenerRefused: observed('Listener', 'reject', 'rejected by the router'),
  ListenerOpened: observed('Listener', 'open', 'opened by the router'),
  ListenerFailedToOpen: observed('Listener', 'fail', 'not opened by the router'),
  ListenerDrifted: observed('Listener', 'drift', 'altered at the router'),
  ListenerCredentialsUnfit: observed('Listener', 'fail', 'found with unusable TLS credentials'),
  ListenerReached: observed('Listener', 'probe', 'reached by a probe'),
  ListenerNotReached: observed('Listener', 'probe', 'not reached by a probe'),
  ListenerProbeInconclusive: observed('Listener', 'probe', 'probed without result'),

  ConnectorAccepted: observed('Connector', 'accept', 'accepted by the router'),
  ConnectorRefused: observed('Connector', 'reject', 'rejected by the router'),
  ConnectorCredentialsUnfit: observed('Connector', 'fail', 'found with unusable TLS credentials'),
  ConnectorDrifted: observed('Connector', 'drift', 'altered at the router'),

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

  LogImported: ({ file, events }) => done('import', `imported ${events} events`, { kind: 'Log', name: file }),
  CommandRefused: refused,
  TokenCreated: ({ name, roles, expiresAt }) =>
    done(
      'create',
      'created',
      { kind: 'Token', name },
      fieldChanges(undefined, { roles: roles.join(' '), ...(expiresAt !== undefined && { expiresAt }) }),
    ),
  TokenRevoked: ({ name }) => done('delete', 'revoked', { kind: 'Token', name }),
  TokenRefused: ({ clients, otherAttempts }) => ({
    action: 'refuse',
    result: 'Refused',
    words: 'refused: unknown, revoked or expired tokens',
    resource: { kind: 'Token' },
    message: [
      ...clients.map(({ address, attempts }) => `${attempts} from ${address}`),
      ...(otherAttempts > 0 ? [`${otherAttempts} from elsewhere`] : []),
    ].join(', '),
  }),
  SigningKeyIntroduced: ({ newKeyId }) => done('introduce', 'introduced', { kind: 'SigningKey', name: newKeyId }),
}
