import type { Client } from '../../client/client.ts'
import { executeCommands } from '../../client/execute-commands.ts'
import type { CommandInput, UpdateMetadataInput } from '../../client/generated.ts'
import type { Outcome } from '../../client/request-each.ts'
import type { Field, Patch, Target } from './patch.ts'

interface MetadataChange {
  readonly field: Field
  readonly patch: Patch
  readonly overwrite: boolean
  readonly resourceVersion: string | undefined
  readonly dryRun: boolean
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
    dryRun: change.dryRun,
    commandOf: target => ({ [`update${target.kind.kind}Metadata`]: inputOf(target, change) }) as CommandInput,
    alone: target => client.request(target.kind.metadataUpdate, { input: inputOf(target, change) }),
  })
