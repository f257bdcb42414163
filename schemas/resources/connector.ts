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
import { settings, settingsInput } from './settings.ts'

const selector = z.string(mustBe('a selector', 'string')).min(1, mustBe('a selector, such as app=backend', 'string'))

/** Includes all defaults; has exactly one of `host` and `selector`. */
export const connectorSpec = z.strictObject(
  {
    routingKey,
    host: hostName.optional(),
    selector: selector.optional(),
    port: portNumber,
    type: text,
    tlsCredentials: credentialsName.optional(),
    useClientCert: flag,
    verifyHostname: flag,
    exposePodsByName: flag,
    includeNotReadyPods: flag,
    settings,
  },
  mustBe('a connector spec', 'object'),
)
export type ConnectorSpec = z.infer<typeof connectorSpec>

const targetsOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1
  const { host, selector } = value as { host?: unknown; selector?: unknown }
  return (host === undefined ? 0 : 1) + (selector === undefined ? 0 : 1)
}

/** User input, with the defaults of Skupper's reference. */
export const connectorSpecInput = connectorSpec
  .extend({
    type: text.default('tcp'),
    useClientCert: flag.default(false),
    verifyHostname: flag.default(true),
    exposePodsByName: flag.default(false),
    includeNotReadyPods: flag.default(false),
    settings: settingsInput.default({}),
  })
  .refine(value => targetsOf(value) === 1, {
    path: ['host'],
    when: () => true,
    error: issue =>
      targetsOf(issue.input) === 0
        ? 'is missing: one of host and selector is required'
        : 'stands beside selector: give one of host and selector',
  })

const commands = {
  CreateConnector: command('CreateConnector', { spec: connectorSpecInput, ...initialMetadata }),
  UpdateConnector: command('UpdateConnector', { spec: connectorSpecInput }),
  DeleteConnector: command('DeleteConnector', {}),
  ApplyConnector: applyCommand('ApplyConnector', { spec: connectorSpecInput, ...initialMetadata }),
} as const

export type ConnectorCommand = CommandIn<typeof commands>

const events = {
  ConnectorCreated: {
    category: 'connector',
    audit: { action: 'create', words: 'created' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, spec: connectorSpec }),
  },
  ConnectorUpdated: {
    category: 'connector',
    audit: { action: 'update', words: 'changed' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, generation, spec: connectorSpec, previous: connectorSpec }),
  },
  ConnectorDeleted: {
    category: 'connector',
    audit: { action: 'delete', words: 'deleted' },
    data: z.strictObject(resourceData),
  },
} as const satisfies Record<string, ResourceEventDefinition>

const reports = {
  ConnectorAccepted: reportEvent('connectorReport', 'accept', 'accepted by the router', report),
  ConnectorRefused: reportEvent('connectorReport', 'reject', 'rejected by the router', reportWithMessage),
  ConnectorDrifted: reportEvent('connectorReport', 'drift', 'altered at the router', reportWithMessage),
  ConnectorCredentialsUnfit: reportEvent(
    'connectorReport',
    'fail',
    'found with unusable TLS credentials',
    reportWithMessage,
  ),
} as const satisfies Record<string, ResourceEventDefinition>

export const connectorResource = {
  prefix: 'connector-',
  stream: (namespace: string, name: string): string => `connector-${namespace}.${name}`,
  specInput: connectorSpecInput,
  commands: { ...commands, ...metadataCommands('Connector') },
  events: { ...events, ...metadataEvents('Connector') },
  reports,
} as const satisfies ResourceSchema
