import { HarkError } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import { listenerStream } from '../../../schemas/events/streams.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { CommandHandler } from './command-handler.ts'
import { type Endpoint, endpointOf } from './resource-definition.ts'
import type { Caller } from './types.ts'

const HIGHEST_PORT = 65_535
/** High ports are rarely taken. */
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

export class Detours {
  readonly #handler: CommandHandler
  readonly #models: ReadModels

  constructor(handler: CommandHandler, models: ReadModels) {
    this.#handler = handler
    this.#models = models
  }

  /**
   * Moves the listener to its destination, or back if that is taken.
   *
   * @throws HarkError ALREADY_EXISTS if both are taken
   */
  async end(namespace: string, name: string, { from, to }: Detour, caller: Caller): Promise<void> {
    try {
      await this.#move(namespace, name, to, caller)
    } catch (error) {
      if (!(error instanceof HarkError) || error.code !== 'ALREADY_EXISTS') throw error
      await this.#move(namespace, name, from, caller)
    }
  }

  async #move(namespace: string, name: string, to: Detour['to'], caller: Caller): Promise<void> {
    const row = this.#models.serving.listenerStatus.tables.listeners.get(listenerStream(namespace, name))
    if (row === undefined) return
    const spec = { ...row.spec, ...to }
    await this.#handler.execute({ type: 'ApplyListener', namespace, name, spec }, { caller })
  }
}
