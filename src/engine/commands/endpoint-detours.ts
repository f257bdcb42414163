import { applyType, type Command } from '../../../schemas/commands.ts'
import { HarkError, notFound } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import type { Kind } from '../../../schemas/resources/kinds.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { CommandHandler } from './command-handler.ts'
import {
  type Endpoint,
  endpointOf,
  type ResourceDefinition,
  type ResourceRow,
  resourceOfStream,
} from './resource-definition.ts'
import type { Caller } from './types.ts'

const HIGHEST_PORT = 65_535
const MAX_TRIED = 1000

export const freePortNear = (
  { namespace, host }: Endpoint,
  isTaken: (stream: string) => boolean,
): Endpoint | undefined => {
  for (let port = HIGHEST_PORT; port > HIGHEST_PORT - MAX_TRIED; port--) {
    const endpoint = endpointOf(namespace, host, port)
    if (!isTaken(endpoint.stream)) return endpoint
  }
  return undefined
}

interface Subject {
  readonly namespace: string
  readonly name: string
}

interface NewDetour {
  readonly stream: string
  readonly detour: Detour
  readonly port: number
  readonly expectedRevision: number | undefined
}

export class EndpointDetours {
  readonly #handler: CommandHandler
  readonly #models: ReadModels

  constructor(handler: CommandHandler, models: ReadModels) {
    this.#handler = handler
    this.#models = models
  }

  /** @throws HarkError CONFLICT if the resource has changed meanwhile */
  async begin({ namespace, name }: Subject, { stream, detour, port, expectedRevision }: NewDetour, caller: Caller) {
    const { kind } = resourceOfStream(stream) as ResourceDefinition
    const row = this.#row(stream, namespace)
    if (row === undefined) throw notFound(kind, namespace, name)
    // Without this, a resource deleted meanwhile would be created again.
    const options = { caller, detour, expectedRevision: expectedRevision ?? row.revision }
    await this.#handler.execute(moveOf(kind, row, { port }), options)
  }

  /**
   * Moves the resource to its destination, or back if that is taken.
   *
   * @throws HarkError ALREADY_EXISTS if both are taken
   */
  async end(stream: string, namespace: string, { from, to }: Detour, caller: Caller): Promise<void> {
    try {
      await this.#move(stream, namespace, to, caller)
    } catch (error) {
      if (!(error instanceof HarkError) || error.code !== 'ALREADY_EXISTS') throw error
      await this.#move(stream, namespace, from, caller)
    }
  }

  async #move(stream: string, namespace: string, to: Detour['to'], caller: Caller): Promise<void> {
    const row = this.#row(stream, namespace)
    if (row === undefined) return
    const { kind } = resourceOfStream(stream) as ResourceDefinition
    await this.#handler.execute(moveOf(kind, row, to), { caller })
  }

  #row(stream: string, namespace: string): ResourceRow | undefined {
    return resourceOfStream(stream)?.row(this.#models, stream, { namespace })
  }
}

const moveOf = (kind: Kind, { namespace, name, spec }: ResourceRow, to: Partial<Detour['to']>): Command =>
  ({ type: applyType(kind), namespace, name, spec: { ...spec, ...to } }) as Command
