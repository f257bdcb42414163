import type { Command } from '../../schemas/commands.ts'
import { badInput, endpointTaken, HarkError } from '../../schemas/errors.ts'
import type { Fault } from '../../schemas/faults.ts'
import { type Manifest, readManifest } from '../../schemas/manifest.ts'
import { endpointStream } from '../../schemas/streams.ts'
import type { CommandHandler } from './command-handler.ts'
import type { ApplyAction, ApplyOptions, ApplyResult } from './engine.ts'
import type { ReadModels } from './read-models.ts'

/** So many manifests are under way at once: enough to share commits, few enough to keep others from waiting. */
const AT_ONCE = 256

type Step =
  | { readonly skipped: ApplyResult }
  | { readonly command: Command; readonly manifest: Manifest; readonly index: number }

/** The command that makes a resource what its manifest says. */
const commandFor = (manifest: Manifest & { readonly metadata: { readonly namespace: string } }): Command => {
  const { namespace, name } = manifest.metadata
  switch (manifest.kind) {
    case 'Listener':
      return { type: 'ApplyListener', namespace, name, spec: manifest.spec }
    case 'Connector':
      return { type: 'ApplyConnector', namespace, name, spec: manifest.spec }
    case 'Site':
      return { type: 'ApplySite', namespace, name, spec: manifest.spec }
  }
}

/** Reads every manifest, and refuses them all where one is faulty: with every fault of every one. */
const readAll = (manifests: readonly unknown[], namespace: string | undefined): Step[] => {
  const faults: Fault[] = []
  const steps = manifests.map((document, index): Step | undefined => {
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
  if (faults.length > 0) throw badInput(faults)
  return steps.filter(step => step !== undefined)
}

const resultOf = (command: Command, manifest: Manifest, action: ApplyAction): ApplyResult => ({
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
  const { fields } = error.details as { fields?: readonly Fault[] }
  const details =
    fields === undefined
      ? error.details
      : { ...error.details, fields: fields.map(fault => ({ ...fault, path: `manifests[${index}].${fault.path}` })) }
  return new HarkError(error.code, `manifests[${index}]: ${error.message}`, details)
}

/**
 * Refuses what would put two listeners on one endpoint, as far as the read side tells. The commands themselves ask the
 * store; this is for a dry run, and for refusing a set before any of it is applied.
 */
const createEndpointCheck = (models: ReadModels): ((command: Command) => void) => {
  const holders = new Map<string, Map<string, string>>()
  const holdersIn = (namespace: string): Map<string, string> => {
    const listeners = models.serving.listenerStatus.tables.listeners.where('namespace', namespace)
    return new Map(Array.from(listeners, ({ name, spec }) => [endpointStream(namespace, spec.host, spec.port), name]))
  }
  return command => {
    if (command.type !== 'ApplyListener') return
    const { namespace, name, spec } = command
    const held = holders.get(namespace) ?? holdersIn(namespace)
    holders.set(namespace, held)
    const endpoint = endpointStream(namespace, spec.host, spec.port)
    const holder = held.get(endpoint)
    if (holder !== undefined && holder !== name) throw endpointTaken(namespace, spec.host, spec.port, holder)
    held.set(endpoint, name)
  }
}

/** Does all steps, many at once; the results are in the order of the steps, and so is the first error. */
const inOrder = async (steps: readonly Step[], work: (step: Step) => Promise<ApplyResult>): Promise<ApplyResult[]> => {
  const results: ApplyResult[] = []
  for (let from = 0; from < steps.length; from += AT_ONCE) {
    for (const outcome of await Promise.allSettled(steps.slice(from, from + AT_ONCE).map(work))) {
      if (outcome.status === 'rejected') throw outcome.reason
      results.push(outcome.value)
    }
  }
  return results
}

/** Applies manifests as kubectl does: creates what is not there, changes what differs, leaves the rest alone. */
export const createApply =
  (handler: CommandHandler, models: ReadModels) =>
  async (manifests: readonly unknown[], options: ApplyOptions): Promise<readonly ApplyResult[]> => {
    const steps = readAll(manifests, options.namespace)
    // Another engine may have freed an endpoint a moment ago.
    await handler.catchUp()

    const commandIdOf = (step: { readonly index: number }): string | undefined =>
      options.commandId === undefined ? undefined : `${options.commandId}/${step.index}`

    const checkEndpoint = createEndpointCheck(models)

    // All are tried before any is done, so that what can be known to fail leaves no half-applied set behind.
    const preview = async (step: Step): Promise<ApplyResult> => {
      if ('skipped' in step) return step.skipped
      const commandId = commandIdOf(step)
      // What was done before is answered again, whatever has become of it since.
      if (commandId !== undefined && (await handler.wasDone(step.command, commandId))) {
        return resultOf(step.command, step.manifest, 'Unchanged')
      }
      try {
        const action = actionOf((await handler.preview(step.command)).at(-1)?.type)
        checkEndpoint(step.command)
        return resultOf(step.command, step.manifest, action)
      } catch (error) {
        throw located(error, step.index)
      }
    }
    const previews = await inOrder(steps, preview)
    if (options.dryRun) return previews

    const run = async (step: Step): Promise<ApplyResult> => {
      if ('skipped' in step) return step.skipped
      const commandId = commandIdOf(step)
      try {
        const { position, eventType } = await handler.execute(step.command, { caller: options.caller, commandId })
        return { ...resultOf(step.command, step.manifest, actionOf(eventType)), position }
      } catch (error) {
        throw located(error, step.index)
      }
    }
    return inOrder(steps, run)
  }
