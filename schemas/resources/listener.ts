import { z } from 'zod'
import { type EventDefinition, generation, resourceData } from '../events/definition.ts'
import { mustBe } from '../validation.ts'
import { type CommandIn, command, type ResourceSchema } from './definition.ts'
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
  CreateListener: command('CreateListener', { spec: listenerSpecInput }),
  UpdateRoutingKey: command('UpdateRoutingKey', { routingKey }),
  UpdateHost: command('UpdateHost', { host: hostName }),
  UpdatePort: command('UpdatePort', { port: portNumber }),
  DeleteListener: command('DeleteListener', {}),
  /** Creates or updates the listener. */
  ApplyListener: command('ApplyListener', { spec: listenerSpecInput }),
} as const

export type ListenerCommand = CommandIn<typeof commands>

const update = { ...resourceData, generation }

const events = {
  ListenerCreated: {
    category: 'listener',
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, spec: listenerSpec }),
  },
  RoutingKeyUpdated: {
    category: 'listener',
    startsGeneration: true,
    data: z.strictObject({ ...update, routingKey: z.string(), previous: z.string() }),
  },
  HostUpdated: {
    category: 'listener',
    startsGeneration: true,
    freesEndpoint: true,
    data: z.strictObject({ ...update, host: z.string(), previous: z.string() }),
  },
  PortUpdated: {
    category: 'listener',
    startsGeneration: true,
    freesEndpoint: true,
    data: z.strictObject({ ...update, port: z.int(), previous: z.int() }),
  },
  ListenerDeleted: { category: 'listener', freesEndpoint: true, data: z.strictObject(resourceData) },
} as const satisfies Record<string, EventDefinition>

type UpdateData = z.output<(typeof events)[Exclude<keyof typeof events, 'ListenerCreated' | 'ListenerDeleted'>]['data']>

/** Returns the spec fields of an update event. */
export const updatedFields = ({
  namespace: _,
  name: __,
  uid: ___,
  generation: ____,
  previous: _____,
  ...fields
}: UpdateData): Partial<ListenerSpec> => fields

export const listenerResource = {
  prefix: 'listener-',
  // Namespaces have no dots, so the first dot ends the namespace.
  stream: (namespace: string, name: string): string => `listener-${namespace}.${name}`,
  specInput: listenerSpecInput,
  commands,
  categories: ['listener', 'listenerReport', 'listenerProbe'],
  events,
} as const satisfies ResourceSchema
