import type { Command } from '../../../schemas/commands.ts'
import { commandIdReused } from '../../../schemas/errors.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import type { EventStore } from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import { createLru } from '../../lib/lru.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { commandHash, isSameCommand, type PendingCommand } from './pending-command.ts'
import { ALL_RESOURCES, type KnownResult, resourceOf } from './resource-definition.ts'
import type { StreamState } from './stream-state.ts'

const MAX_UNCHANGED = 10_000

export type KnownResults = ReadonlyMap<string, KnownResult>

/** A creation, its labels and its annotations. */
const MOST_EVENTS_AFTER_DELETION = 3

export const NO_RESULTS: KnownResults = new Map()

export class CommandDeduplicator {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector
  readonly #unchanged = createLru<string, KnownResult>(MAX_UNCHANGED)

  constructor(store: EventStore, models: ReadModels, projector: Projector) {
    this.#store = store
    this.#models = models
    this.#projector = projector
  }

  async lookUp(commands: readonly PendingCommand[], { position }: StreamState): Promise<KnownResults> {
    await this.#projector.reached(Math.max(position, await this.#newestExpectedVersion(commands)))
    const results = new Map<string, KnownResult>()
    for (const { command, options } of commands) {
      if (options.commandId === undefined) continue
      const result = await this.#find(command, options.commandId)
      if (result !== undefined) results.set(options.commandId, result)
    }
    return results
  }

  async resultOf({ command, options }: PendingCommand): Promise<KnownResult | undefined> {
    return options.commandId === undefined ? undefined : this.#find(command, options.commandId)
  }

  /** @throws HarkError CONFLICT if the id belongs to another command */
  async wasExecuted(command: Command, commandId: string): Promise<boolean> {
    const result = await this.#find(command, commandId)
    if (result === undefined) return false
    const subject = { stream: resourceOf(command.type).stream(command), commandHash: commandHash(command) }
    if (!isSameCommand(subject, result)) throw commandIdReused(commandId)
    return true
  }

  recordUnchanged(commandId: string, result: KnownResult): void {
    this.#unchanged.set(commandId, result)
  }

  /** An id belongs to one command, of any kind. */
  async #find(command: Command, commandId: string): Promise<KnownResult | undefined> {
    const unchanged = this.#unchanged.get(commandId)
    if (unchanged !== undefined) return unchanged
    const own = resourceOf(command.type)
    for (const { model } of [own, ...ALL_RESOURCES.filter(other => other !== own)]) {
      const result = await this.#models.rowOnDisk(model, 'commandResults', commandId)
      if (result !== undefined) return this.#withReplacement(result as KnownResult, commandId)
    }
    return undefined
  }

  /** The stored result is that of the last event: the log shows whether the same command deleted the resource first. */
  async #withReplacement(result: KnownResult, commandId: string): Promise<KnownResult> {
    const { stream, row, eventType } = result
    if (row === undefined || row.revision < 1 || !eventType?.endsWith('Created')) return result
    const from = Math.max(0, row.revision - MOST_EVENTS_AFTER_DELETION)
    for await (const { type, metadata } of this.#store.readStream(stream, { from, limit: row.revision - from }))
      if (metadata.commandId === commandId && type.endsWith('Deleted')) return { ...result, replaced: true }
    return result
  }

  /** Awaits a version from an engine that is ahead; ignores one beyond the log. */
  async #newestExpectedVersion(commands: readonly PendingCommand[]): Promise<Position> {
    const newest = Math.max(BEGINNING, ...commands.map(({ options }) => options.expectedResourceVersion ?? BEGINNING))
    if (newest <= this.#projector.head.position) return newest
    return newest <= (await lastPosition(this.#store, READ_MODEL_PREFIXES)) ? newest : BEGINNING
  }
}

export class CommandIdsInFlight {
  readonly #commands = new Map<string, { readonly hash: string; count: number }>()

  begin(commandId: string, hash: string): boolean {
    const known = this.#commands.get(commandId)
    if (known === undefined) this.#commands.set(commandId, { hash, count: 1 })
    else if (known.hash === hash) known.count += 1
    else return false
    return true
  }

  end(commandId: string): void {
    const known = this.#commands.get(commandId)
    if (known === undefined) return
    known.count -= 1
    if (known.count === 0) this.#commands.delete(commandId)
  }
}
