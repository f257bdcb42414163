import type { Command } from '../../../schemas/commands.ts'
import { commandIdReused } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import { createLru } from '../../lib/lru.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ModelName, ReadModels } from '../read-models/read-models.ts'
import { commandHash } from './command-hash.ts'
import { asksReadSide, isSame, type PendingCommand } from './pending-command.ts'
import { kindOf, type RememberedAnswer } from './resource-registry.ts'
import type { StreamState } from './stream-state.ts'

/** Of so many commands that had nothing to do, the ids are remembered; what was done is remembered for good. */
const REMEMBERED_UNCHANGED = 10_000

/** By command id, what was answered to it before. */
export type KnownResults = ReadonlyMap<string, RememberedAnswer>

/** Where answers are kept. An id is of one command, whatever kind of resource that was for. */
const MODELS: readonly ModelName[] = ['listenerStatus', 'connectorStatus', 'sites']

const NOTHING: KnownResults = new Map()

/** Knows what was answered to commands that carried an id of their caller's. */
export class CommandDeduplicator {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector
  readonly #unchanged = createLru<string, RememberedAnswer>(REMEMBERED_UNCHANGED)

  constructor(store: EventStore, models: ReadModels, projector: Projector) {
    this.#store = store
    this.#models = models
    this.#projector = projector
  }

  /** What was answered before to the ids of these commands, once the read side shows where their stream stands. */
  async lookUp(jobs: readonly PendingCommand[], { position }: StreamState): Promise<KnownResults> {
    if (!jobs.some(asksReadSide)) return NOTHING
    await this.#projector.reached(Math.max(position, await this.#newestVersionAskedFor(jobs)))
    const remembered = new Map<string, RememberedAnswer>()
    for (const { command, options } of jobs) {
      if (options.commandId === undefined) continue
      const found = await this.#find(command, options.commandId)
      if (found !== undefined) remembered.set(options.commandId, found)
    }
    return remembered
  }

  /** What will be answered to a command that has just been done, where it is sent again; undefined without an id. */
  async done({ command, options }: PendingCommand): Promise<RememberedAnswer | undefined> {
    return options.commandId === undefined ? undefined : this.#find(command, options.commandId)
  }

  /** @throws HarkError CONFLICT where the id is that of another command */
  async wasDone(command: Command, commandId: string): Promise<boolean> {
    const before = await this.#find(command, commandId)
    if (before === undefined) return false
    const asked = { stream: kindOf(command.type).stream(command), commandHash: commandHash(command) }
    if (!isSame(asked, before)) throw commandIdReused(commandId)
    return true
  }

  /** What had nothing to do left no event that tells of it: so it is remembered here, for a while. */
  rememberUnchanged(commandId: string, answer: RememberedAnswer): void {
    this.#unchanged.set(commandId, answer)
  }

  async #find(command: Command, commandId: string): Promise<RememberedAnswer | undefined> {
    const unchanged = this.#unchanged.get(commandId)
    if (unchanged !== undefined) return unchanged
    const own = kindOf(command.type).model
    for (const model of [own, ...MODELS.filter(other => other !== own)]) {
      const found = await this.#models.rowOnDisk(model, 'answers', commandId)
      if (found !== undefined) return found as RememberedAnswer
    }
    return undefined
  }

  /** A version that a caller has from another engine may be news to this one; one that no log has yet is nobody's. */
  async #newestVersionAskedFor(jobs: readonly PendingCommand[]): Promise<Position> {
    const newest = Math.max(BEGINNING, ...jobs.map(({ options }) => options.expectedResourceVersion ?? BEGINNING))
    if (newest <= this.#projector.head.position) return newest
    return newest <= (await lastPosition(this.#store, READ_MODEL_PREFIXES)) ? newest : BEGINNING
  }
}
