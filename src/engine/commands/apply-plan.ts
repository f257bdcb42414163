import type { Command, CommandOf } from '../../../schemas/commands.ts'
import { endpointTaken, HarkError } from '../../../schemas/errors.ts'
import { type Position, parsePosition } from '../../../schemas/events/recorded-event.ts'
import type { Manifest } from '../../../schemas/resources/manifest.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Action, orderMoves } from './apply-order.ts'
import type { CommandHandler } from './command-handler.ts'
import { freePortNear } from './endpoint-detours.ts'
import type { Preview, PreviewOutcome, PreviewRequest } from './preview.ts'
import { ALL_RESOURCES, ownerOfStream, resourceOf } from './resource-definition.ts'

/** Shares appends, but leaves room for other commands. */
const CONCURRENCY = 256

const NO_VERSION: Position = -1

export interface Step {
  readonly command: Command
  readonly manifest: Manifest
  readonly index: number
  readonly mustExist: boolean
}

export interface Plan {
  readonly waves: readonly (readonly Action[])[]
  readonly previews: ReadonlyMap<number, Preview>
}

export const commandIdOf = (commandId: string | undefined, index: number): string | undefined =>
  commandId === undefined ? undefined : `${commandId}/${index}`

export const planApply = async (
  steps: readonly Step[],
  commandId: string | undefined,
  { handler, models }: { readonly handler: CommandHandler; readonly models: ReadModels },
): Promise<Plan> => {
  const outcomes = new Map<number, PreviewOutcome>()
  const byStream = Map.groupBy(steps, ({ command }) => streamOf(command))
  await forEachInChunks([...byStream.values()], group => previewGroup(group, commandId, handler, outcomes))
  const previews = new Map<number, Preview>()
  const rejections = new Map<number, unknown>()
  for (const [index, outcome] of outcomes) {
    if ('rejection' in outcome) rejections.set(index, outcome.rejection)
    else previews.set(index, outcome)
  }
  const { waves, taken } = orderSteps(steps, previews, models)
  for (const [index, rejection] of taken) rejections.set(index, rejection)
  if (rejections.size === 0) return { waves, previews }
  const first = Math.min(...rejections.keys())
  throw locateRejection(rejections.get(first), first)
}

const previewGroup = async (
  steps: readonly Step[],
  commandId: string | undefined,
  handler: CommandHandler,
  outcomes: Map<number, PreviewOutcome>,
): Promise<void> => {
  const repeated = await Promise.all(steps.map(step => repeatedOutcome(step, commandId, handler)))
  for (const [at, outcome] of repeated.entries()) if (outcome) outcomes.set((steps[at] as Step).index, outcome)
  const left = steps.filter((_, at) => repeated[at] === undefined)
  if (left.length === 0) return
  const previews = await handler.preview(left.map(toPreviewRequest))
  for (const [at, outcome] of previews.entries()) outcomes.set((left[at] as Step).index, outcome)
}

const repeatedOutcome = async (
  { command, index }: Step,
  commandId: string | undefined,
  handler: CommandHandler,
): Promise<PreviewOutcome | undefined> => {
  const id = commandIdOf(commandId, index)
  if (id === undefined) return undefined
  try {
    return (await handler.wasExecuted(command, id)) ? { events: [] } : undefined
  } catch (rejection) {
    return { rejection }
  }
}

const toPreviewRequest = ({ command, manifest: { metadata }, mustExist }: Step): PreviewRequest => ({
  command,
  uid: metadata.uid || undefined,
  mustExist: mustExist && Boolean(metadata.uid),
  since: metadata.resourceVersion ? (parsePosition(metadata.resourceVersion) ?? NO_VERSION) : undefined,
})

const orderSteps = (steps: readonly Step[], previews: ReadonlyMap<number, Preview>, models: ReadModels) => {
  const moves = steps.map(({ command, index }) => {
    const { from, to } = previews.get(index) ?? {}
    return { stream: streamOf(command), from, to }
  })
  const namespaces = steps.map(({ command }) => command.namespace)
  const { waves, refused } = orderMoves(moves, holdersIn(models, namespaces), freePortNear)
  return {
    waves,
    taken: refused.map(({ index: at, holder }): [number, HarkError] => {
      const { index, command } = steps[at] as Step
      const { host, port } = (command as CommandOf<'ApplyListener'>).spec
      return [index, endpointTaken(command.namespace, host, port, ownerOfStream(holder))]
    }),
  }
}

export const holdersIn = (models: ReadModels, namespaces: Iterable<string>): Map<string, string> => {
  const holders = new Map<string, string>()
  for (const namespace of new Set(namespaces))
    for (const resource of ALL_RESOURCES)
      for (const [endpoint, stream] of resource.endpoints(models, namespace)) holders.set(endpoint.stream, stream)
  return holders
}

export const locateRejection = (error: unknown, index: number): unknown => {
  if (!(error instanceof HarkError)) return error
  const { fields } = error.details as { fields?: readonly Issue[] }
  const located = fields?.map(issue => ({ ...issue, path: `manifests[${index}].${issue.path}` }))
  const details = { ...error.details, ...(located && { fields: located }) }
  return new HarkError(error.code, `manifests[${index}]: ${error.message}`, details)
}

export const streamOf = (command: Command): string => resourceOf(command.type).stream(command)

export const forEachInChunks = async <Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  for (let from = 0; from < items.length; from += CONCURRENCY)
    await Promise.all(items.slice(from, from + CONCURRENCY).map(work))
}
