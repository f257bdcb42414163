import { z } from 'zod'
import {
  generation,
  type ResourceEventDefinition,
  report,
  reportEvent,
  reportWithMessage,
  resourceData,
} from '../events/definition.ts'
import { mustBe } from '../validation.ts'
import { applyCommand, type CommandIn, command, type ResourceSchema } from './definition.ts'
import { initialMetadata, metadataCommands, metadataEvents } from './metadata.ts'
import { credentialsName, flag, hostName, portNumber, routingKey, text } from './names.ts'
import { probeSettings } from './probe.ts'
import { DEFAULT_OBSERVER, listenerSettings, listenerSettingsInput, observer } from './settings.ts'

/** Includes all defaults; the observer is in the settings. */
export const listenerSpec = z.strictObject(
  {
    routingKey,
    host: hostName,
    port: portNumber,
    type: text,
    exposePodsByName: flag,
    tlsCredentials: credentialsName.optional(),
    settings: listenerSettings.required({ observer: true }),
  },
  mustBe('a listener spec', 'object'),
)
export type ListenerSpec = z.infer<typeof listenerSpec>

const observersOf = (
  value: unknown,
): { readonly observer?: unknown; readonly settings?: { readonly observer?: unknown } } =>
  typeof value === 'object' && value !== null ? value : {}

/**
 * User input, with the defaults of Skupper's reference. Skupper accepts `settings.observer` and the newer `observer`;
 * if both are present, they must be equal.
 */
export const listenerSpecInput = listenerSpec
  .extend({
    type: text.default('tcp'),
    exposePodsByName: flag.default(false),
    observer: observer.optional(),
    settings: listenerSettingsInput.optional(),
  })
  .refine(
    value => {
      const { observer: newer, settings } = observersOf(value)
      return newer === undefined || settings?.observer === undefined || newer === settings.observer
    },
    {
      path: ['observer'],
      // Runs even if other fields are invalid, to report all issues together.
      when: () => true,
      error: issue => {
        const { observer: newer, settings } = observersOf(issue.input)
        return `${JSON.stringify(newer)} contradicts settings.observer, which is ${JSON.stringify(settings?.observer)}: give one of the two`
      },
    },
  )
  .transform(
    ({ observer, settings: { probe, probeIntervalSeconds, ...settings } = {}, ...spec }): ListenerSpec => ({
      ...spec,
      settings: {
        ...settings,
        ...probeSettings({ probe, probeIntervalSeconds }),
        observer: observer ?? settings.observer ?? DEFAULT_OBSERVER,
      },
    }),
  )

const commands = {
  CreateListener: command('CreateListener', { spec: listenerSpecInput, ...initialMetadata }),
  UpdateRoutingKey: command('UpdateRoutingKey', { routingKey }),
  UpdateHost: command('UpdateHost', { host: hostName }),
  UpdatePort: command('UpdatePort', { port: portNumber }),
  DeleteListener: command('DeleteListener', {}),
  ApplyListener: applyCommand('ApplyListener', { spec: listenerSpecInput, ...initialMetadata }),
} as const

export type ListenerCommand = CommandIn<typeof commands>

const update = { ...resourceData, generation }

const events = {
  ListenerCreated: {
    category: 'listener',
    audit: { action: 'create', words: 'created' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, spec: listenerSpec }),
  },
  RoutingKeyUpdated: {
    category: 'listener',
    audit: { action: 'update', words: 'changed the routing key' },
    startsGeneration: true,
    data: z.strictObject({ ...update, routingKey: z.string(), previous: z.string() }),
  },
  HostUpdated: {
    category: 'listener',
    audit: { action: 'update', words: 'changed the host' },
    startsGeneration: true,
    freesEndpoint: true,
    data: z.strictObject({ ...update, host: z.string(), previous: z.string() }),
  },
  PortUpdated: {
    category: 'listener',
    audit: { action: 'update', words: 'changed the port' },
    startsGeneration: true,
    freesEndpoint: true,
    data: z.strictObject({ ...update, port: z.int(), previous: z.int() }),
  },
  ListenerDeleted: {
    category: 'listener',
    audit: { action: 'delete', words: 'deleted' },
    freesEndpoint: true,
    data: z.strictObject(resourceData),
  },
} as const satisfies Record<string, ResourceEventDefinition>

/**
 * A router accepts a listener long before it opens the socket, for which it needs a connector. Hence three facts:
 * accepted, opened, and seen on the network.
 */
const reports = {
  /** The router's entity equals this generation. */
  ListenerAccepted: {
    ...reportEvent('listenerReport', 'accept', 'accepted by the router', report),
    reportsGeneration: true,
  },
  ListenerRefused: {
    ...reportEvent('listenerReport', 'reject', 'rejected by the router', reportWithMessage),
    reportsGeneration: true,
  },
  ListenerOpened: { ...reportEvent('listenerReport', 'open', 'opened by the router', report), reportsGeneration: true },
  ListenerFailedToOpen: {
    ...reportEvent('listenerReport', 'fail', 'not opened by the router', reportWithMessage),
    reportsGeneration: true,
  },
  /** The router's entity has changed; the message lists differences. */
  ListenerDrifted: reportEvent('listenerReport', 'drift', 'altered at the router', reportWithMessage),
  /** Hark found the TLS credentials unusable; the message has the reason. */
  ListenerCredentialsUnfit: reportEvent(
    'listenerReport',
    'fail',
    'found with unusable TLS credentials',
    reportWithMessage,
  ),
  /** A program beyond the router responded to a probe. */
  ListenerReached: reportEvent('listenerProbe', 'probe', 'reached by a probe', report),
  /** A probe was refused, closed or without a response. */
  ListenerNotReached: reportEvent('listenerProbe', 'probe', 'not reached by a probe', reportWithMessage),
  /** Hark's host cannot probe, which does not affect other clients. */
  ListenerProbeInconclusive: reportEvent('listenerProbe', 'probe', 'probed without result', reportWithMessage),
} as const satisfies Record<string, ResourceEventDefinition>

type UpdateData = z.output<(typeof events)[Exclude<keyof typeof events, 'ListenerCreated' | 'ListenerDeleted'>]['data']>

/** Returns the spec fields of an update event. */
export const updatedFields = (data: UpdateData): Partial<ListenerSpec> => {
  if ('routingKey' in data) return { routingKey: data.routingKey }
  return 'host' in data ? { host: data.host } : { port: data.port }
}

export const listenerResource = {
  prefix: 'listener-',
  // Namespaces have no dots, so the first dot ends the namespace.
  stream: (namespace: string, name: string): string => `listener-${namespace}.${name}`,
  specInput: listenerSpecInput,
  commands: { ...commands, ...metadataCommands('Listener') },
  events: { ...events, ...metadataEvents('Listener') },
  reports,
} as const satisfies ResourceSchema
