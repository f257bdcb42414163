import { applyType, type Command, type CommandOf } from '../../../schemas/commands.ts'
import { badUserInput, endpointTaken, HarkError } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { formatPosition, parsePosition } from '../../../schemas/events/recorded-event.ts'
import { endpointStream, listenerStream } from '../../../schemas/events/streams.ts'
import { type Manifest, readManifest } from '../../../schemas/resources/manifest.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Action, orderMoves } from './apply-order.ts'
import type { CommandHandler } from './command-handler.ts'
import { type Detours, placeNear } from './detours.ts'
import type { Foreseen, Preview, Wish } from './preview.ts'
import { type Endpoint, kindOf } from './resource-registry.ts'
import type { ApplyAction, ApplyOptions, ApplyResult } from './types.ts'

/** So many manifests are under way at once: enough to share commits, few enough to keep others from waiting. */
const AT_ONCE = 256

/** What a text stands for that is no position: no resource is ever there. */
const NEVER: Position = -1

interface Skipped {
  readonly skipped: ApplyResult
}

interface Step {
  readonly command: Command
  readonly manifest: Manifest
  readonly index: number
}

/** The command that makes a resource what its manifest says. */
const commandFor = ({
  kind,
  metadata: { namespace, name },
  spec,
}: Manifest & { readonly metadata: { readonly namespace: string } }): Command =>
  ({ type: applyType(kind), namespace, name, spec }) as Command

/** Reads every manifest, and refuses them all where one is faulty: with every fault of every one. */
const readAll = (manifests: readonly unknown[], namespace: string | undefined): (Step | Skipped)[] => {
  const faults: Issue[] = []
  const steps = manifests.map((document, index): Step | Skipped | undefined => {
    const read = readManifest(document, namespace, ['manifests', index])
    if (read.outcome === 'manifest') return { command: commandFor(read.manifest), manifest: read.manifest, index }
    if (read.outcome === 'faulty') {
      faults.push(...read.faults)
      return undefined
    }
    const { kind, apiVersion, name, namespace: own = namespace } = read
    return {
      skipped: {
        kind,
        name,
        ...(own && { namespace: own }),
        action: 'Skipped',
        message: `${apiVersion} ${kind} is not for Hark`,
      },
    }
  })
  if (faults.length > 0) throw badUserInput(faults)
  return steps.filter(step => step !== undefined)
}

const resultOf = ({ command, manifest }: Step, action: ApplyAction): ApplyResult => ({
  kind: manifest.kind,
  namespace: command.namespace,
  name: command.name,
  action,
  message: '',
})

const actionOf = (eventType: string | undefined): ApplyAction => {
  if (eventType === undefined) return 'Unchanged'
  return eventType.endsWith('Created') ? 'Created' : 'Configured'
}

/** A refusal says which of the manifests it is about. */
const located = (error: unknown, index: number): unknown => {
  if (!(error instanceof HarkError)) return error
  const { fields } = error.details as { fields?: readonly Issue[] }
  const details =
    fields === undefined
      ? error.details
      : { ...error.details, fields: fields.map(fault => ({ ...fault, path: `manifests[${index}].${fault.path}` })) }
  return new HarkError(error.code, `manifests[${index}]: ${error.message}`, details)
}

/** What the writer of a manifest knew of its resource. */
const wishOf = ({ command, manifest: { metadata } }: Step): Wish => ({
  command,
  uid: metadata.uid || undefined,
  since: metadata.resourceVersion ? (parsePosition(metadata.resourceVersion) ?? NEVER) : undefined,
})

/** The streams of the listeners that hold endpoints in some namespaces, as far as the read side tells. */
const holdersIn = (models: ReadModels, namespaces: Iterable<string>): Map<string, string> => {
  const holders = new Map<string, string>()
  for (const namespace of new Set(namespaces)) {
    for (const { name, spec } of models.serving.listenerStatus.tables.listeners.where('namespace', namespace))
      holders.set(endpointStream(namespace, spec.host, spec.port), listenerStream(namespace, name))
  }
  return holders
}

/** What is to be done, in which order; refuses all where one would be refused. */
interface Plan {
  readonly waves: readonly (readonly Action[])[]
  readonly foreseen: ReadonlyMap<number, Foreseen>
}

/** Some of a batch was done, and something was not: the error says both. */
const partly = (failed: ReadonlyMap<number, unknown>, results: readonly (ApplyResult | undefined)[]): unknown => {
  const [first, ...others] = [...failed].sort(([a], [b]) => a - b).map(([, error]) => error)
  if (!(first instanceof HarkError)) return first
  const done = results.flatMap((result, index) => (result === undefined ? [] : [{ index, ...presented(result) }]))
  return new HarkError(first.code, first.message, {
    ...first.details,
    results: done,
    ...(others.length > 0 && { alsoFailed: others.map(error => (error as Error).message) }),
  })
}

const presented = ({ position, ...result }: ApplyResult) => ({
  ...result,
  ...(position !== undefined && { position: formatPosition(position) }),
})

export interface ApplyParts {
  readonly handler: CommandHandler
  readonly models: ReadModels
  readonly detours: Detours
}

/**
 * Applies manifests as kubectl does: creates what is not there, changes what differs, leaves the rest alone. All are decided
 * before any is done, each after those before it, so that what can be known to fail leaves no half-applied set behind.
 */
export const createApply =
  (parts: ApplyParts) =>
  async (manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]> => {
    const read = readAll(manifests, options.namespace)
    // Another engine may have freed an endpoint a moment ago.
    await parts.handler.catchUp()
    const batch = new Applying(parts, options, read)
    const plan = await batch.plan()
    return options.dryRun ? batch.foretell(plan) : batch.carryOut(plan)
  }

class Applying {
  readonly #parts: ApplyParts
  readonly #options: ApplyOptions
  readonly #read: readonly (Step | Skipped)[]
  readonly #steps: readonly Step[]

  constructor(parts: ApplyParts, options: ApplyOptions, read: readonly (Step | Skipped)[]) {
    this.#parts = parts
    this.#options = options
    this.#read = read
    this.#steps = read.flatMap(step => ('skipped' in step ? [] : [step]))
  }

  async plan(): Promise<Plan> {
    const previews = new Map<number, Preview>()
    const byStream = Map.groupBy(this.#steps, ({ command }) => streamOf(command))
    await inChunks([...byStream.values()], steps => this.#previewStream(steps, previews))
    const foreseen = new Map<number, Foreseen>()
    const refusals = new Map<number, unknown>()
    for (const [index, preview] of previews) {
      if ('refusal' in preview) refusals.set(index, preview.refusal)
      else foreseen.set(index, preview)
    }
    const { waves, refused } = this.#order(foreseen)
    for (const [index, refusal] of refused) refusals.set(index, refusal)
    if (refusals.size === 0) return { waves, foreseen }
    const first = Math.min(...refusals.keys())
    throw located(refusals.get(first), first)
  }

  async #previewStream(steps: readonly Step[], previews: Map<number, Preview>): Promise<void> {
    // What was done before is answered again, whatever has become of it since.
    const isNew = await Promise.all(steps.map(step => this.#isNew(step, previews)))
    const left = steps.filter((_, index) => isNew[index])
    if (left.length === 0) return
    const foreseen = await this.#parts.handler.preview(left.map(wishOf))
    for (const [position, preview] of foreseen.entries()) previews.set((left[position] as Step).index, preview)
  }

  async #isNew({ command, index }: Step, previews: Map<number, Preview>): Promise<boolean> {
    const commandId = this.#commandId(index)
    if (commandId === undefined) return true
    try {
      if (!(await this.#parts.handler.wasDone(command, commandId))) return true
      previews.set(index, { events: [] })
    } catch (refusal) {
      previews.set(index, { refusal })
    }
    return false
  }

  #order(foreseen: ReadonlyMap<number, Foreseen>) {
    const moves = this.#steps.map(({ command, index }) => {
      const { from, to } = foreseen.get(index) ?? {}
      return { stream: streamOf(command), from, to }
    })
    const namespaces = this.#steps.map(({ command }) => command.namespace)
    const { waves, refused } = orderMoves(moves, holdersIn(this.#parts.models, namespaces), placeNear)
    return {
      waves,
      refused: refused.map(({ index: at, holder }): [number, HarkError] => {
        const { index, command } = this.#steps[at] as Step
        const { host, port } = (command as CommandOf<'ApplyListener'>).spec
        return [index, endpointTaken(command.namespace, host, port, nameOf(holder))]
      }),
    }
  }

  foretell({ foreseen }: Plan): readonly ApplyResult[] {
    return this.#read.map(step =>
      'skipped' in step ? step.skipped : resultOf(step, actionOf(foreseen.get(step.index)?.events.at(-1)?.type)),
    )
  }

  /** Each is done on its own: where one fails, the others go on, unless the store is away. */
  async carryOut({ waves, foreseen }: Plan): Promise<readonly ApplyResult[]> {
    const results: (ApplyResult | undefined)[] = this.#read.map(step => ('skipped' in step ? step.skipped : undefined))
    const failures = new Map<number, unknown>()
    const makingWay = new Map<Step, Detour>()
    const act = async ({ index: at, makesWay }: Action): Promise<void> => {
      const step = this.#steps[at] as Step
      const { index } = step
      if (failures.has(index)) return
      try {
        if (makesWay === undefined) results[index] = await this.#do(step, foreseen.get(index), makingWay.has(step))
        else makingWay.set(step, await this.#makeWay(step, foreseen.get(index) as Foreseen, makesWay))
      } catch (error) {
        failures.set(index, located(error, index))
      }
    }
    for (const wave of waves) {
      if ([...failures.values()].some(error => !isRefusal(error))) break
      await inChunks(wave, act)
    }
    for (const [step, detour] of makingWay) if (results[step.index] === undefined) await this.#endDetour(step, detour)
    if (failures.size > 0) throw partly(failures, results)
    return results as readonly ApplyResult[]
  }

  /** What cannot be ended now is by whoever keeps claims. */
  async #endDetour({ command: { namespace, name } }: Step, detour: Detour): Promise<void> {
    await this.#parts.detours.end(namespace, name, detour, this.#options.caller).catch(() => undefined)
  }

  async #do(step: Step, foreseen: Foreseen | undefined, hasMadeWay: boolean): Promise<ApplyResult> {
    const { position, eventType } = await this.#parts.handler.execute(step.command, {
      caller: this.#options.caller,
      commandId: this.#commandId(step.index),
      expectedRevision: foreseen?.revision === undefined ? undefined : foreseen.revision + (hasMadeWay ? 1 : 0),
    })
    return { ...resultOf(step, actionOf(eventType)), position }
  }

  /** Without an id of the caller's: that is of the command which is still to come. */
  async #makeWay({ command }: Step, { revision, from, to }: Foreseen, { port }: Endpoint): Promise<Detour> {
    const { namespace, name } = command
    const detour = { from: placeOf(from as Endpoint), to: placeOf(to as Endpoint) }
    await this.#parts.handler.execute(
      { type: 'UpdatePort', namespace, name, port },
      { caller: this.#options.caller, expectedRevision: revision, detour },
    )
    return detour
  }

  #commandId(index: number): string | undefined {
    const { commandId } = this.#options
    return commandId === undefined ? undefined : `${commandId}/${index}`
  }
}

const placeOf = ({ host, port }: Endpoint): Detour['to'] => ({ host, port })

/** Where the store is away, what follows would only wait for it as well. */
const isRefusal = (error: unknown): boolean => error instanceof HarkError && error.code !== 'UNAVAILABLE'

const streamOf = (command: Command): string => kindOf(command.type).stream(command)

const nameOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)

/** Does all, many at once. */
const inChunks = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  for (let from = 0; from < items.length; from += AT_ONCE)
    await Promise.all(items.slice(from, from + AT_ONCE).map(work))
}
