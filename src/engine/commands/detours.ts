import { HarkError } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { CommandHandler } from './command-handler.ts'
import { type Endpoint, endpointOf, kindOf } from './resource-registry.ts'
import type { Caller } from './types.ts'

const HIGHEST_PORT = 65_535
/** So many places are tried: the uppermost ports of a host are rarely taken, and never all of them. */
const MOST_PLACES = 1000

/** A port of the same host that no listener of the namespace has. */
export const placeNear = (
  { namespace, host }: Endpoint,
  isTaken: (stream: string) => boolean,
): Endpoint | undefined => {
  for (let port = HIGHEST_PORT; port > HIGHEST_PORT - MOST_PLACES; port--) {
    const place = endpointOf(namespace, host, port)
    if (!isTaken(place.stream)) return place
  }
  return undefined
}

/** Brings listeners to where they were going that made way for others: or back, where that is somebody else's now. */
export class Detours {
  readonly #handler: CommandHandler
  readonly #models: ReadModels

  constructor(handler: CommandHandler, models: ReadModels) {
    this.#handler = handler
    this.#models = models
  }

  /** @throws HarkError ALREADY_EXISTS where both places are taken */
  async end(namespace: string, name: string, { from, to }: Detour, caller: Caller): Promise<void> {
    try {
      await this.#move(namespace, name, to, caller)
    } catch (error) {
      if (!(error instanceof HarkError) || error.code !== 'ALREADY_EXISTS') throw error
      await this.#move(namespace, name, from, caller)
    }
  }

  async #move(namespace: string, name: string, place: Detour['to'], caller: Caller): Promise<void> {
    const { listeners } = this.#models.serving.listenerStatus.tables
    const row = listeners.get(kindOf('ApplyListener').stream({ namespace, name }))
    if (row === undefined) return
    const spec = { ...row.spec, ...place }
    await this.#handler.execute({ type: 'ApplyListener', namespace, name, spec }, { caller })
  }
}
