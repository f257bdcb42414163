import { randomUUID } from 'node:crypto'
import { resultType } from '../../../projections/shared/command-result.ts'
import type { Command } from '../../../schemas/commands.ts'
import { badUserInput, commandIdReused, conflict, HarkError, unavailable } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import { formatPosition, type Position } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  type AppendResult,
  AppendTooLarge,
  type EventStore,
  StoreUnavailable,
  type StreamAppend,
  WrongExpectedRevision,
} from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import { inSpan } from '../../telemetry/tracing.ts'
import { toCommandError } from '../read-models/errors.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Batch, type DecidedCommand, type DecidedOn, type Decision, decideBatch } from './batch.ts'
import type { EndpointReservations } from './endpoint-reservations.ts'
import { metadataOf, newEvent } from './event-metadata.ts'
import { CommandDeduplicator, CommandIdsInFlight, type KnownResults, NO_RESULTS } from './idempotency.ts'
import {
  type ExecuteOptions,
  needsReadModel,
  type PendingCommand,
  replayResult,
  withTimeout,
} from './pending-command.ts'
import { isReplacement, type PreviewOutcome, type PreviewRequest, Previews } from './preview.ts'
import { type Endpoint, type ResourceRow, resourceOf } from './resource-definition.ts'
import { assertEmptySite } from './site-deletion.ts'
import { type StreamState, StreamStates } from './stream-state.ts'
import type { CommandAnswer } from './types.ts'

/** Lost races before a command fails with UNAVAILABLE. */
const MAX_ATTEMPTS = 50

interface CommandHandlerOptions {
  readonly store: EventStore
  readonly models: ReadModels
  readonly projector: Projector
  readonly endpoints: EndpointReservations
  readonly timeoutMs: number
}

/** Each stream has a queue, whose commands share appends. A command returns once the read side shows its events. */
export class CommandHandler {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector
  readonly #endpoints: EndpointReservations
  readonly #timeoutMs: number
  readonly #states: StreamStates
  readonly #deduplicator: CommandDeduplicator
  readonly #previews: Previews
  readonly #idsInFlight = new CommandIdsInFlight()
  readonly #queues = new Map<string, PendingCommand[]>()
  #isTraced = false

  constructor({ store, models, projector, endpoints, timeoutMs }: CommandHandlerOptions) {
    this.#timeoutMs = timeoutMs
    this.#store = store
    this.#models = models
    this.#projector = projector
    this.#endpoints = endpoints
    this.#states = new StreamStates(store, models, projector)
    this.#previews = new Previews(this.#states, models)
    this.#deduplicator = new CommandDeduplicator(store, models, projector)
  }

  execute(command: Command, options: ExecuteOptions): Promise<CommandAnswer<ResourceRow>> {
    const resource = resourceOf(command.type)
    const stream = resource.stream(command)
    const span = options.caller.span?.child(`command ${command.type}`, { 'hark.stream': stream })
    const pending = withTimeout({ resource, stream, command, span }, options, this.#timeoutMs)
    const { answer } = pending
    if (span !== undefined) {
      this.#isTraced = true
      inSpan(span, answer).catch(() => undefined)
    }
    const { commandId } = options
    if (commandId !== undefined && pending.commandHash !== undefined) {
      if (!this.#idsInFlight.begin(commandId, pending.commandHash)) {
        pending.reject(commandIdReused(commandId))
        return answer
      }
      const end = () => this.#idsInFlight.end(commandId)
      answer.then(end, end)
    }
    const queue = this.#queues.get(stream)
    if (queue === undefined) {
      this.#queues.set(stream, [])
      void this.#drain(stream, [pending])
    } else queue.push(pending)
    return answer
  }

  async preview(requests: readonly PreviewRequest[]): Promise<readonly PreviewOutcome[]> {
    try {
      this.#assertFollowing()
      return await this.#previews.of(requests)
    } catch (error) {
      throw toRejection(error)
    }
  }

  wasExecuted(command: Command, commandId: string): Promise<boolean> {
    return this.#deduplicator.wasExecuted(command, commandId)
  }

  async catchUp(): Promise<void> {
    try {
      await this.#projector.reached(await lastPosition(this.#store, READ_MODEL_PREFIXES))
    } catch (error) {
      throw toRejection(error)
    }
  }

  async #drain(stream: string, first: readonly PendingCommand[]): Promise<void> {
    let known: StreamState | undefined
    for (let commands = first; commands.length > 0; ) {
      known = await this.#handle(stream, commands, known)
      commands = this.#takeQueued(stream)
    }
    this.#queues.delete(stream)
  }

  #takeQueued(stream: string): readonly PendingCommand[] {
    const queued = this.#queues.get(stream) ?? []
    if (queued.length > 0) this.#queues.set(stream, [])
    return queued.filter(({ isOver }) => !isOver)
  }

  #assertFollowing(): void {
    const { stopped } = this.#projector
    if (stopped !== undefined) throw stopped
  }

  async #handle(
    stream: string,
    commands: readonly PendingCommand[],
    known: StreamState | undefined,
    attempt = 1,
  ): Promise<StreamState | undefined> {
    let left = commands
    try {
      this.#assertFollowing()
      const first = left[0] as PendingCommand
      let state = known ?? this.#states.shown(first) ?? (await this.#states.read(first))
      while (left.length > 0) {
        const results = left.some(needsReadModel) ? await this.#deduplicator.lookUp(left, state) : NO_RESULTS
        const batch = decideBatch(left, state, results, this.#decide)
        const appended = batch.decided.length > 0 ? await this.#append(stream, state.revision, batch) : undefined
        if (appended !== undefined) state = { ...appended, state: batch.after, isConfirmed: false }
        else if (batch.needsConfirmation) state = await this.#states.confirm(left[0] as PendingCommand, state)
        left = left.slice(batch.consumed)
      }
      return state
    } catch (error) {
      if (error instanceof WrongExpectedRevision && attempt < MAX_ATTEMPTS)
        return this.#retry(stream, left, attempt + 1)
      this.#rejectAll(stream, left, error)
      return undefined
    }
  }

  /** Queued commands have waited long enough too. */
  #rejectAll(stream: string, commands: readonly PendingCommand[], error: unknown): void {
    const queued = error instanceof StoreUnavailable ? this.#takeQueued(stream) : []
    for (const pending of [...commands, ...queued]) pending.reject(toRejection(error))
  }

  async #retry(stream: string, commands: readonly PendingCommand[], attempt: number): Promise<StreamState | undefined> {
    try {
      return await this.#handle(stream, commands, await this.#states.read(commands[0] as PendingCommand), attempt)
    } catch (error) {
      this.#rejectAll(stream, commands, error)
      return undefined
    }
  }

  readonly #decide = (pending: PendingCommand, { state, revision }: DecidedOn, results: KnownResults): Decision => {
    const { command, options, resource } = pending
    if (pending.isOver) return { events: [], answer: () => undefined }
    try {
      const known = options.commandId === undefined ? undefined : results.get(options.commandId)
      if (known !== undefined) return { events: [], answer: () => replayResult(pending, known) }
      this.#checkVersion(pending, revision)
      const events = resource.decider.decide({ ...command, newUid: randomUUID() }, state)
      assertEmptySite(this.#models, command)
      if (events.length > 0) return { events }
      return { events, answer: () => this.#answerUnchanged(pending, resource.uid(state) as string) }
    } catch (error) {
      return { events: [], answer: () => pending.reject(error) }
    }
  }

  #checkVersion(pending: PendingCommand, revision: number): void {
    const { expectedResourceVersion: expected, expectedRevision = revision } = pending.options
    if (expected === undefined && expectedRevision === revision) return
    const current = this.#row(pending)?.resourceVersion
    const isExpected = expected === undefined || current === undefined || current === expected
    if (isExpected && revision === expectedRevision) return
    const version = current === undefined ? null : formatPosition(current)
    throw conflict(pending.resource.kind, pending.command.name, version)
  }

  async #append(
    stream: string,
    expectedRevision: number,
    { decided, endpoint }: Batch,
  ): Promise<AppendResult | undefined> {
    const events = decided.flatMap(({ pending, events }) => {
      const { options, commandHash, span } = pending
      const { caller, commandId } = options
      const origin = { caller, commandId, commandHash, traceparent: span?.traceparent }
      return events.map(event => newEvent(event, origin))
    })
    const append = { stream, expectedRevision, events }
    const appended = await this.#traced(decided, 'append', () =>
      endpoint === undefined
        ? this.#store.append(stream, expectedRevision, events)
        : this.#appendReserved(endpoint, append, (decided[0] as DecidedCommand).pending),
    )
    if (appended === undefined) return undefined
    void this.#answerOnceShown(decided, appended.position)
    return appended
  }

  async #appendReserved(
    endpoint: Endpoint,
    append: StreamAppend,
    pending: PendingCommand,
  ): Promise<AppendResult | undefined> {
    const { caller, detour } = pending.options
    const metadata = metadataOf('EndpointReserved', { caller, traceparent: pending.span?.traceparent })
    try {
      return await this.#endpoints.append(endpoint, append, metadata, detour)
    } catch (error) {
      if (!(error instanceof HarkError)) throw error
      pending.reject(error)
      return undefined
    }
  }

  async #answerOnceShown(decided: readonly DecidedCommand[], position: Position): Promise<void> {
    for (const { pending } of decided) pending.noteAppended()
    try {
      await this.#traced(decided, 'project', () => this.#projector.reached(position))
      for (const { pending, events } of decided) {
        if (pending.options.commandId === undefined) this.#answerExecuted(pending, position, events)
        else void this.#answerRecorded(pending, position, events)
      }
    } catch (error) {
      for (const { pending } of decided) pending.reject(toRejection(error))
    }
  }

  async #answerRecorded(pending: PendingCommand, position: Position, events: readonly DomainEvent[]): Promise<void> {
    try {
      // The current row may be newer.
      const result = await this.#deduplicator.resultOf(pending)
      if (result === undefined) this.#answerExecuted(pending, position, events)
      else replayResult(pending, result)
    } catch (error) {
      pending.reject(toRejection(error))
    }
  }

  #answerExecuted(pending: PendingCommand, position: Position, events: readonly DomainEvent[]): void {
    const last = events.at(-1) as DomainEvent
    const row = this.#row(pending)
    const replaced = isReplacement(events)
    const { uid } = last.data as { uid: string }
    const eventType = resultType(last)
    pending.resolve({ position, uid, eventType, ...(replaced && { replaced }), ...(row && { row }) })
  }

  #answerUnchanged(pending: PendingCommand, uid: string): void {
    const row = this.#row(pending)
    const { stream, commandHash, options } = pending
    const answer = { position: this.#projector.head.position, uid, ...(row && { row }) }
    if (options.commandId !== undefined && commandHash !== undefined)
      this.#deduplicator.recordUnchanged(options.commandId, { ...answer, stream, commandHash })
    pending.resolve(answer)
  }

  #traced<T>(decided: readonly DecidedCommand[], name: string, work: () => Promise<T>): Promise<T> {
    if (!this.#isTraced) return work()
    return decided.reduce((running, { pending }) => inSpan(pending.span?.child(name), running), work())
  }

  #row({ resource, stream, command }: PendingCommand): ResourceRow | undefined {
    return resource.row(this.#models, stream, command)
  }
}

const toRejection = (error: unknown): unknown => {
  if (error instanceof WrongExpectedRevision) return unavailable(`${error.stream} changes too fast: try again`)
  if (error instanceof AppendTooLarge)
    return badUserInput([{ path: '', message: 'the change is too large: about a megabyte is the most' }])
  return toCommandError(error)
}
