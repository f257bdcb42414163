import type { AuditAction, AuditedKind, AuditResult } from '../../schemas/audit-vocabulary.ts'
import { type CommandType, commands, kindOfCommand } from '../../schemas/commands.ts'
import type { AuditedAs } from '../../schemas/events/definition.ts'
import type { AuditedEventType, EventData, HarkEvent } from '../../schemas/events/events.ts'
import type { ResourceSchema } from '../../schemas/resources/definition.ts'
import { KINDS, type Kind } from '../../schemas/resources/kinds.ts'
import { METADATA_FIELDS } from '../../schemas/resources/metadata.ts'
import { RESOURCES, type resourceEvents, type resourceReports } from '../../schemas/resources/registry.ts'
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
  readonly words: string
  readonly resource: AuditedResource
  readonly changes?: readonly FieldChange[]
  readonly message?: string
  readonly refusal?: Refusal
}

interface ResourceData {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation?: number
  readonly spec?: object
  readonly previous?: unknown
}

const done = (
  action: AuditAction,
  words: string,
  resource: AuditedResource,
  changes?: readonly FieldChange[],
): AuditDescription => ({ action, result: 'Done', words, resource, ...(changes && { changes }) })

/** An update has either the whole spec or the changed field beside its previous value; a new name is the name. */
const specChanges = (data: ResourceData): readonly FieldChange[] | undefined => {
  const { namespace: _, name, uid: ___, generation: ____, previous, spec, ...fields } = data
  if (spec !== undefined) return fieldChanges(previous, spec, 'spec')
  const [field] = Object.keys(fields)
  if (field === undefined)
    return previous === undefined ? undefined : fieldChanges({ name: previous }, { name }, 'metadata')
  const path = METADATA_FIELDS.some(each => each === field) ? 'metadata' : 'spec'
  return fieldChanges({ [field]: previous }, fields, path)
}

const describeResource = (kind: Kind, { action, words }: AuditedAs, data: ResourceData): AuditDescription =>
  done(action, words, { kind, namespace: data.namespace, name: data.name }, specChanges(data))

const describeReport = (
  kind: Kind,
  audit: AuditedAs,
  { namespace, name, message }: ResourceData & { readonly message?: string },
): AuditDescription => ({
  ...audit,
  result: 'Observed',
  resource: { kind, namespace, name },
  ...(message !== undefined && { message }),
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
  return type in commands ? kindOfCommand(type as CommandType) : 'Hark'
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

type ResourceEventType = keyof typeof resourceEvents | keyof typeof resourceReports

type Description<Data> = (data: Data) => AuditDescription

const OTHER_EVENTS: {
  readonly [Type in Exclude<AuditedEventType, ResourceEventType>]: Description<EventData<Type>>
} = {
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
  ReadModelsRebuilt: ({ differences }) => ({
    ...done('rebuild', 'rebuilt the read models', { kind: 'Hark' }),
    ...(differences > 0 && { message: `${differences} rows did not follow from the log` }),
  }),
  HistoryCompacted: ({ keptFrom }) =>
    done('compact', `removed the history of states before ${keptFrom}`, { kind: 'Hark' }),
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

const RESOURCE_EVENTS = KINDS.flatMap(kind => {
  const { events, reports }: ResourceSchema = RESOURCES[kind]
  return [
    ...Object.entries(events).map(
      ([type, { audit }]) => [type, describeResource.bind(undefined, kind, audit)] as const,
    ),
    ...Object.entries(reports).map(([type, { audit }]) => [type, describeReport.bind(undefined, kind, audit)] as const),
  ]
})

const DESCRIPTIONS = new Map<string, Description<never>>([...RESOURCE_EVENTS, ...Object.entries(OTHER_EVENTS)])

/** Returns undefined for bookkeeping. */
export const describeEvent = ({ type, data }: HarkEvent): AuditDescription | undefined =>
  DESCRIPTIONS.get(type)?.(data as never)
