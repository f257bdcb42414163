import { resultType } from '../../../projections/shared/command-result.ts'
import { applyType, type Command } from '../../../schemas/commands.ts'
import { badUserInput, HarkError } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { type Manifest, readManifest } from '../../../schemas/resources/manifest.ts'
import type { Issue } from '../../../schemas/validation.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { Action } from './apply-order.ts'
import {
  commandIdOf,
  forEachInChunks,
  locateRejection,
  type Plan,
  planApply,
  type Step,
  streamOf,
} from './apply-plan.ts'
import type { CommandHandler } from './command-handler.ts'
import type { EndpointDetours } from './endpoint-detours.ts'
import { isReplacement, type Preview } from './preview.ts'
import type { Endpoint } from './resource-definition.ts'
import type { ApplyAction, ApplyOptions, ApplyResult } from './types.ts'

interface ApplyContext {
  readonly handler: CommandHandler
  readonly models: ReadModels
  readonly detours: EndpointDetours
}

/** Decides all manifests first: a foreseeable rejection leaves nothing half applied. */
export const createApply =
  (context: ApplyContext) =>
  async (manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]> => {
    const { steps, results } = readAll(manifests, options)
    // Another engine may just have freed an endpoint.
    await context.handler.catchUp()
    const plan = await planApply(steps, options.commandId, context)
    if (options.dryRun) {
      for (const step of steps) {
        const { events = [] } = plan.previews.get(step.index) ?? {}
        const last = events.at(-1)
        results.set(
          step.index,
          resultOf(step, { eventType: last && resultType(last), replaced: isReplacement(events) }),
        )
      }
    } else await new Execution(context, options, steps, results).run(plan)
    return manifests.map((_, index) => results.get(index) as ApplyResult)
  }

/** @throws HarkError BAD_USER_INPUT with the issues of all manifests */
const readAll = (manifests: readonly unknown[], { namespace, replace, mustExist = false }: ApplyOptions) => {
  const issues: Issue[] = []
  const steps: Step[] = []
  const results = new Map<number, ApplyResult>()
  for (const [index, document] of manifests.entries()) {
    const read = readManifest(document, namespace, ['manifests', index])
    if (read.outcome === 'faulty') issues.push(...read.faults)
    else if (read.outcome === 'manifest')
      steps.push({ command: commandFor(read.manifest, replace), manifest: read.manifest, index, mustExist })
    else {
      const { kind, apiVersion, name, namespace: own = namespace } = read
      const message = `${apiVersion} ${kind} is not a kind of Hark`
      results.set(index, { kind, name, ...(own && { namespace: own }), action: 'Skipped', message })
    }
  }
  if (issues.length > 0) throw badUserInput(issues)
  return { steps, results }
}

const commandFor = (
  { kind, metadata, spec }: Manifest & { readonly metadata: { readonly namespace: string } },
  replace = false,
): Command => {
  const { namespace, name, labels, annotations } = metadata
  return {
    type: applyType(kind),
    namespace,
    name,
    spec,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(replace && { replace }),
  } as Command
}

interface Outcome {
  readonly eventType?: string | undefined
  readonly replaced?: boolean
}

const resultOf = ({ command, manifest }: Step, outcome: Outcome): ApplyResult => ({
  kind: manifest.kind,
  namespace: command.namespace,
  name: command.name,
  action: actionOf(outcome),
  message: '',
})

const actionOf = ({ eventType, replaced }: Outcome): ApplyAction => {
  if (replaced) return 'Replaced'
  if (eventType === undefined) return 'Unchanged'
  return eventType.endsWith('Created') ? 'Created' : 'Configured'
}

class Execution {
  readonly #context: ApplyContext
  readonly #options: ApplyOptions
  readonly #steps: readonly Step[]
  readonly #results: Map<number, ApplyResult>
  readonly #failures = new Map<number, unknown>()
  readonly #detours = new Map<Step, Detour>()

  constructor(context: ApplyContext, options: ApplyOptions, steps: readonly Step[], results: Map<number, ApplyResult>) {
    this.#context = context
    this.#options = options
    this.#steps = steps
    this.#results = results
  }

  /** A failed step stops no others, unless the store is unavailable. */
  async run({ waves, previews }: Plan): Promise<void> {
    for (const wave of waves) {
      if ([...this.#failures.values()].some(error => !isRejection(error))) break
      await forEachInChunks(wave, action => this.#perform(action, previews))
    }
    for (const [step, detour] of this.#detours) if (!this.#results.has(step.index)) await this.#endDetour(step, detour)
    if (this.#failures.size > 0) throw partialFailure(this.#failures, this.#results)
  }

  async #perform({ index: at, makesWay }: Action, previews: Plan['previews']): Promise<void> {
    const step = this.#steps[at] as Step
    const { index } = step
    if (this.#failures.has(index)) return
    const preview = previews.get(index)
    try {
      if (makesWay === undefined) this.#results.set(index, await this.#execute(step, preview))
      else this.#detours.set(step, await this.#makeWay(step, preview as Preview, makesWay))
    } catch (error) {
      this.#failures.set(index, locateRejection(error, index))
    }
  }

  async #execute(step: Step, preview: Preview | undefined): Promise<ApplyResult> {
    const detourEvents = this.#detours.has(step) ? 1 : 0
    const answer = await this.#context.handler.execute(step.command, {
      caller: this.#options.caller,
      commandId: commandIdOf(this.#options.commandId, step.index),
      expectedRevision: preview?.revision === undefined ? undefined : preview.revision + detourEvents,
    })
    return { ...resultOf(step, answer), position: answer.position }
  }

  /** The commandId belongs to the next command. */
  async #makeWay({ command }: Step, { revision, from, to }: Preview, { port }: Endpoint): Promise<Detour> {
    const detour = { from: hostAndPort(from as Endpoint), to: hostAndPort(to as Endpoint) }
    const made = { stream: streamOf(command), detour, port, expectedRevision: revision }
    await this.#context.detours.begin(command, made, this.#options.caller)
    return detour
  }

  async #endDetour({ command }: Step, detour: Detour): Promise<void> {
    const { detours } = this.#context
    await detours.end(streamOf(command), command.namespace, detour, this.#options.caller).catch(() => undefined)
  }
}

const hostAndPort = ({ host, port }: Endpoint): Detour['to'] => ({ host, port })

/** Later steps would wait too. */
const isRejection = (error: unknown): boolean => error instanceof HarkError && error.code !== 'UNAVAILABLE'

const partialFailure = (failures: ReadonlyMap<number, unknown>, results: ReadonlyMap<number, ApplyResult>): unknown => {
  const [first, ...others] = [...failures].sort(([a], [b]) => a - b).map(([, error]) => error)
  if (!(first instanceof HarkError)) return first
  const byIndex = [...results].sort(([a], [b]) => a - b)
  return new HarkError(first.code, first.message, {
    ...first.details,
    results: byIndex.map(([index, { position, ...result }]) => ({
      index,
      ...result,
      ...(position !== undefined && { position: formatPosition(position) }),
    })),
    ...(others.length > 0 && { alsoFailed: others.map(error => (error as Error).message) }),
  })
}
