import { z } from 'zod'
import {
  generation,
  type ResourceEventDefinition,
  report,
  reportEvent,
  reportWithMessage,
  resourceData,
} from '../events/definition.ts'
import { mismatch, mustBe } from '../validation.ts'
import { applyCommand, type CommandIn, command, type ResourceSchema } from './definition.ts'
import { withoutPrototype } from './map-keys.ts'
import { initialMetadata, metadataCommands, metadataEvents } from './metadata.ts'
import { credentialsName, flag, hostName, portNumber, routingKey } from './names.ts'
import { DEFAULT_OBSERVER, observer, settings, settingsInput } from './settings.ts'

const MOST_KEYS = 256
/** A router adds the weights of up to 256 routing keys in 32 bits. */
const LARGEST_WEIGHT = 8_388_607

const LIST = mustBe('a list of 1 to 256 different routing keys', 'object')
const MAP = mustBe('a map of 1 to 256 routing keys to weights', 'object')
const WEIGHT = mustBe(`a weight (0 to ${LARGEST_WEIGHT})`, 'number')
const STRATEGY = 'a strategy (exactly one of priority and weighted)'

const priorityKeys = z
  .array(routingKey, LIST)
  .min(1, LIST)
  .max(MOST_KEYS, LIST)
  .refine(keys => new Set(keys).size === keys.length, LIST)

const weights = z
  .record(routingKey, z.int(WEIGHT).min(0, WEIGHT).max(LARGEST_WEIGHT, WEIGHT), MAP)
  .refine(keys => Object.keys(keys).length >= 1 && Object.keys(keys).length <= MOST_KEYS, MAP)

const weightedKeys = withoutPrototype('a key of a map of weights: give it another name').pipe(weights)

const strategy = z
  .strictObject(
    {
      priority: z.strictObject({ routingKeys: priorityKeys }, mustBe('a priority strategy', 'object')).optional(),
      weighted: z.strictObject({ routingKeys: weightedKeys }, mustBe('a weighted strategy', 'object')).optional(),
    },
    mustBe(STRATEGY, 'object'),
  )
  .refine(({ priority, weighted }) => (priority === undefined) !== (weighted === undefined), {
    error: ({ input }) => mismatch(input, STRATEGY, 'object'),
  })

/** Includes all defaults. */
export const multiKeyListenerSpec = z.strictObject(
  {
    host: hostName,
    port: portNumber,
    strategy,
    observer,
    tlsCredentials: credentialsName.optional(),
    requireClientCert: flag,
    settings,
  },
  mustBe('a spec of a MultiKeyListener', 'object'),
)
export type MultiKeyListenerSpec = z.infer<typeof multiKeyListenerSpec>
type Strategy = MultiKeyListenerSpec['strategy']

type StrategyKind = 'priority' | 'weighted'

export const strategyKind = ({ priority }: Strategy): StrategyKind => (priority === undefined ? 'weighted' : 'priority')

/** The routing keys of a strategy, those of the priority strategy in its order. */
export const routingKeysOf = ({ priority, weighted }: Strategy): readonly string[] =>
  priority?.routingKeys ?? Object.keys(weighted?.routingKeys ?? {})

/** User input. Skupper's reference states what an unset observer means. */
const specInput = multiKeyListenerSpec.extend({
  observer: observer.default(DEFAULT_OBSERVER),
  requireClientCert: flag.default(false),
  settings: settingsInput.default({}),
})

const commands = {
  CreateMultiKeyListener: command('CreateMultiKeyListener', { spec: specInput, ...initialMetadata }),
  UpdateMultiKeyListener: command('UpdateMultiKeyListener', { spec: specInput }),
  DeleteMultiKeyListener: command('DeleteMultiKeyListener', {}),
  ApplyMultiKeyListener: applyCommand('ApplyMultiKeyListener', { spec: specInput, ...initialMetadata }),
} as const

export type MultiKeyListenerCommand = CommandIn<typeof commands>

const events = {
  MultiKeyListenerCreated: {
    category: 'multiKeyListener',
    audit: { action: 'create', words: 'created' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, spec: multiKeyListenerSpec }),
  },
  MultiKeyListenerUpdated: {
    category: 'multiKeyListener',
    audit: { action: 'update', words: 'changed' },
    startsGeneration: true,
    freesEndpoint: true,
    data: z.strictObject({ ...resourceData, generation, spec: multiKeyListenerSpec, previous: multiKeyListenerSpec }),
  },
  MultiKeyListenerDeleted: {
    category: 'multiKeyListener',
    audit: { action: 'delete', words: 'deleted' },
    freesEndpoint: true,
    data: z.strictObject(resourceData),
  },
} as const satisfies Record<string, ResourceEventDefinition>

/** As with a Listener, a router opens the socket only once one of the routing keys has a connector. */
const reports = {
  MultiKeyListenerAccepted: reportEvent('multiKeyListenerReport', 'accept', 'accepted by the router', report),
  MultiKeyListenerRefused: reportEvent('multiKeyListenerReport', 'reject', 'rejected by the router', reportWithMessage),
  MultiKeyListenerOpened: reportEvent('multiKeyListenerReport', 'open', 'opened by the router', report),
  MultiKeyListenerFailedToOpen: reportEvent(
    'multiKeyListenerReport',
    'fail',
    'not opened by the router',
    reportWithMessage,
  ),
  MultiKeyListenerDrifted: reportEvent('multiKeyListenerReport', 'drift', 'altered at the router', reportWithMessage),
  MultiKeyListenerCredentialsUnfit: reportEvent(
    'multiKeyListenerReport',
    'fail',
    'found with unusable TLS credentials',
    reportWithMessage,
  ),
} as const satisfies Record<string, ResourceEventDefinition>

export const multiKeyListenerResource = {
  prefix: 'multi-key-listener-',
  stream: (namespace: string, name: string): string => `multi-key-listener-${namespace}.${name}`,
  specInput,
  commands: { ...commands, ...metadataCommands('MultiKeyListener') },
  events: { ...events, ...metadataEvents('MultiKeyListener') },
  reports,
} as const satisfies ResourceSchema
