import type { Client } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import { executeCommands } from '../../client/execute-commands.ts'
import { ApplyDocument, type CommandInput, type UpdateMetadataInput } from '../../client/generated.ts'
import { type Outcome, requestEach } from '../../client/request-each.ts'
import { toManifest } from '../../resources/resource.ts'
import { type Field, type Patch, patched, type Target, textsOf } from './patch.ts'

interface MetadataChange {
  readonly field: Field
  readonly patch: Patch
  readonly overwrite: boolean
  readonly resourceVersion: string | undefined
}

const inputOf = (
  { namespace, resource }: Target,
  { field, patch, overwrite, resourceVersion }: MetadataChange,
): UpdateMetadataInput => ({
  namespace,
  name: resource.metadata.name,
  [field]: patch,
  overwrite,
  ...(resourceVersion !== undefined && { expectedResourceVersion: resourceVersion }),
})

export const sendChange = (
  client: Client,
  targets: readonly Target[],
  change: MetadataChange,
): AsyncIterable<Outcome<Target, void>> =>
  executeCommands(client, targets, {
    commandOf: target => ({ [`update${target.kind.kind}Metadata`]: inputOf(target, change) }) as CommandInput,
    alone: target => client.request(target.kind.metadataUpdate, { input: inputOf(target, change) }),
  })

const rejection = (code: string, message: string): ServerError => new ServerError([{ message, extensions: { code } }])

const assertPossible = ({ resource }: Target, { field, patch, overwrite, resourceVersion }: MetadataChange): void => {
  const { kind, metadata } = resource
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw rejection(
      'CONFLICT',
      `${kind} ${metadata.name} has changed: its resourceVersion is ${metadata.resourceVersion}`,
    )
  const before = textsOf(resource, field)
  for (const [key, value] of Object.entries(patch))
    if (!overwrite && value !== null && Object.hasOwn(before, key) && before[key] !== value)
      throw rejection(
        'ALREADY_EXISTS',
        `${kind} ${metadata.name} has ${key}=${before[key]} among its ${field}: overwrite it to change it`,
      )
}

/** The engine validates the labels and changes nothing. */
export const tryChange = (
  client: Client,
  targets: readonly Target[],
  change: MetadataChange,
): AsyncIterable<Outcome<Target, void>> =>
  requestEach(targets, async target => {
    assertPossible(target, change)
    const { kind, resource } = target
    const manifest = toManifest(kind, resource)
    const metadata = { ...manifest.metadata, [change.field]: patched(textsOf(resource, change.field), change.patch) }
    await client.request(ApplyDocument, { input: { manifests: [{ ...manifest, metadata }], dryRun: true } })
  })
