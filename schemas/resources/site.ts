import { z } from 'zod'
import { generation, type ResourceEventDefinition, resourceData } from '../events/definition.ts'
import { mustBe } from '../validation.ts'
import { applyCommand, type CommandIn, command, type ResourceSchema } from './definition.ts'
import { initialMetadata, metadataCommands, metadataEvents } from './metadata.ts'
import { flag, resourceName, text } from './names.ts'
import { settings, settingsInput } from './settings.ts'

/** Skupper defines no defaults. */
export const siteSpec = z.strictObject(
  {
    linkAccess: text.optional(),
    defaultIssuer: text.optional(),
    edge: flag.optional(),
    ha: flag.optional(),
    serviceAccount: text.optional(),
    settings: settings.optional(),
  },
  mustBe('a site spec', 'object'),
)
export type SiteSpec = z.infer<typeof siteSpec>

/** An empty `spec:` is null in YAML. */
const siteSpecInput = z.preprocess(value => value ?? {}, siteSpec.extend({ settings: settingsInput.optional() }))

const commands = {
  UpdateSite: command('UpdateSite', { spec: siteSpecInput }),
  RenameSite: command('RenameSite', { newName: resourceName }),
  DeleteSite: command('DeleteSite', {}),
  ApplySite: applyCommand('ApplySite', { spec: siteSpecInput, ...initialMetadata }),
} as const

export type SiteCommand = CommandIn<typeof commands>

const events = {
  SiteCreated: {
    category: 'site',
    audit: { action: 'create', words: 'created' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, spec: siteSpec }),
  },
  SiteUpdated: {
    category: 'site',
    audit: { action: 'update', words: 'changed' },
    startsGeneration: true,
    data: z.strictObject({ ...resourceData, generation, spec: siteSpec, previous: siteSpec }),
  },
  /** `name` is the new name. A name starts no generation. */
  SiteRenamed: {
    category: 'site',
    audit: { action: 'update', words: 'renamed' },
    data: z.strictObject({ ...resourceData, previous: z.string() }),
  },
  SiteDeleted: {
    category: 'site',
    audit: { action: 'delete', words: 'deleted' },
    data: z.strictObject(resourceData),
  },
} as const satisfies Record<string, ResourceEventDefinition>

export const siteResource = {
  prefix: 'site-',
  // A namespace has one site.
  stream: (namespace: string): string => `site-${namespace}`,
  specInput: siteSpecInput,
  commands: { ...commands, ...metadataCommands('Site') },
  events: { ...events, ...metadataEvents('Site') },
  reports: {},
} as const satisfies ResourceSchema
