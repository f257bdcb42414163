import { randomUUID } from 'node:crypto'
import type { Command } from '../../../schemas/commands.ts'
import { badUserInput, commandIdReused, conflict, HarkError, unavailable } from '../../../schemas/errors.ts'
import type { DomainEvent } from '../../../schemas/events/events.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  type AppendResult,
  AppendTooLarge,
  type EventStore,
  type EventToAppend,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../../event-store/event-store.ts'
import { lastPosition } from '../../event-store/last-event.ts'
import { toCommandError } from '../read-models/errors.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import { type Batch, type DecidedCommand, type DecidedOn, type Decision, decideBatch } from './batch.ts'
import type { EndpointReservations } from './endpoint-reservations.ts'
import { metadataOf, newEvent } from './event-metadata.ts'
import { CommandDeduplicator, type KnownResults } from './idempotency.ts'
import { answerAgain, type ExecuteOptions, type PendingCommand, timedJob } from './pending-command.ts'
import { IdsUnderWay } from './pending-ids.ts'
import { type Preview, Previews, type Wish } from './preview.ts'
import { type Endpoint, kindOf, type ResourceRow } from './resource-registry.ts'
import { type StreamState, StreamStates } from './stream-state.ts'
import type { CommandAnswer } from './types.ts'

/** A command that loses against others this often is given back to its caller. */
const MAX_ATTEMPTS = 50

export interface CommandHandlerOptions {
  readonly store: EventStore
  readonly models: ReadModels
  readonly projector: Projector
  readonly endpoints: EndpointReservations
  /** Within this time a command is answered. */
  readonly patienceMs: number
}

/**
 * Decides commands and appends what they bring about. Commands for one stream are decided one after the other, those that
 * wait together share an append; streams do not wait for each other. Nothing is answered before it is durable and shown.
 */
export class CommandHandler {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector
  readonly #endpoints: EndpointReservations
  readonly #patienceMs: number
  readonly #states: StreamStates
  readonly #answered: CommandDeduplicator
  readonly #previews: Previews
  readonly #underWay = new IdsUnderWay()
  readonly #queues = new Map<string, PendingCommand[]>()

  constructor({ store, models, projector, endpoints, patienceMs }: CommandHandlerOptions) {
    this.#patienceMs = patienceMs
    this.#store = store
    this.#models = models
    this.#projector = projector
    this.#endpoints = endpoints
    this.#states = new StreamStates(store, models, projector)
    this.#previews = new Previews(this.#states, models)
    this.#answered = new CommandDeduplicator(store, models, projector)
  }

  execute(command: Command, options: ExecuteOptions): Promise<CommandAnswer<ResourceRow>> {
    const kind = kindOf(command.type)
    const stream = kind.stream(command)
    const { job, answer } = timedJob({ kind, stream, command }, options, this.#patienceMs)
    const { commandId } = options
    if (commandId !== undefined && job.commandHash !== undefined) {
      if (!this.#underWay.begin(commandId, job.commandHash)) {
        job.reject(commandIdReused(commandId))
        return answer
      }
      const end = () => this.#underWay.end(commandId)
      answer.then(end, end)
    }
    const queue = this.#queues.get(stream)
    if (queue === undefined) {
      this.#queues.set(stream, [])
      void this.#drain(stream, [job])
    } else queue.push(job)
    return answer
  }

  /** What commands for one resource would bring about now, each after those before it. */
  async preview(wishes: readonly Wish[]): Promise<readonly Preview[]> {
    try {
      this.#mustFollow()
      return await this.#previews.of(wishes)
    } catch (error) {
      throw refusal(error)
    }
  }

  /** Whether a command of this id was done before. */
  wasDone(command: Command, commandId: string): Promise<boolean> {
    return this.#answered.wasDone(command, commandId)
  }

  /** Resolves when the read side shows all that the store has now. */
  async catchUp(): Promise<void> {
    try {
      await this.#projector.reached(await lastPosition(this.#store, READ_MODEL_PREFIXES))
    } catch (error) {
      throw refusal(error)
    }
  }

  async #drain(stream: string, first: readonly PendingCommand[]): Promise<void> {
    let known: StreamState | undefined
    for (let jobs = first; jobs.length > 0; ) {
      known = await this.#handle(stream, jobs, known)
      jobs = this.#takeWaiting(stream)
    }
    this.#queues.delete(stream)
  }

  #takeWaiting(stream: string): readonly PendingCommand[] {
    const waiting = this.#queues.get(stream) ?? []
    if (waiting.length > 0) this.#queues.set(stream, [])
    return waiting.filter(({ isOver }) => !isOver)
  }

  /** Rows that follow the log no further are no ground for a decision. */
  #mustFollow(): void {
    const { stopped } = this.#projector
    if (stopped !== undefined) throw stopped
  }

  /** Handles jobs of one stream in their order, and answers every one; tells where the stream stands then, if it is known. */
  async #handle(
    stream: string,
    jobs: readonly PendingCommand[],
    known: StreamState | undefined,
    attempt = 1,
  ): Promise<StreamState | undefined> {
    let left = jobs
    try {
      this.#mustFollow()
      let at = known ?? (await this.#states.load(left[0] as PendingCommand))
      while (left.length > 0) {
        const remembered = await this.#answered.lookUp(left, at)
        const batch = decideBatch(left, at, remembered, this.#decide)
        const appended = batch.decided.length > 0 ? await this.#append(stream, at.revision, batch) : undefined
        if (appended !== undefined) at = { ...appended, state: batch.after, isCertain: false }
        else if (batch.needsCertainty) at = await this.#states.makeCertain(left[0] as PendingCommand, at)
        left = left.slice(batch.taken)
      }
      return at
    } catch (error) {
      if (error instanceof WrongExpectedRevision && attempt < MAX_ATTEMPTS)
        return this.#retry(stream, left, attempt + 1)
      this.#giveUp(stream, left, error)
      return undefined
    }
  }

  /** Where the store did not answer, those that came meanwhile have waited for the same answer, and wait for no other. */
  #giveUp(stream: string, jobs: readonly PendingCommand[], error: unknown): void {
    const waiting = error instanceof StoreUnavailable ? this.#takeWaiting(stream) : []
    for (const job of [...jobs, ...waiting]) job.reject(refusal(error))
  }

  /** Somebody was faster: what they did is read from the store, and the commands are decided again on that. */
  async #retry(stream: string, jobs: readonly PendingCommand[], attempt: number): Promise<StreamState | undefined> {
    try {
      return await this.#handle(stream, jobs, await this.#states.read(jobs[0] as PendingCommand), attempt)
    } catch (error) {
      this.#giveUp(stream, jobs, error)
      return undefined
    }
  }

  /** The events of one command on a state, or how it is answered without any: refused, done before, nothing to do. */
  readonly #decide = (job: PendingCommand, { state, revision }: DecidedOn, remembered: KnownResults): Decision => {
    const { command, options, kind } = job
    if (job.isOver) return { events: [], answer: () => undefined }
    try {
      const before = options.commandId === undefined ? undefined : remembered.get(options.commandId)
      if (before !== undefined) return { events: [], answer: () => answerAgain(job, before) }
      this.#checkVersion(job, revision)
      const events = kind.decider.decide({ ...command, newUid: randomUUID() }, state)
      if (events.length > 0) return { events }
      return { events, answer: () => this.#answerUnchanged(job, kind.uid(state) as string) }
    } catch (error) {
      return { events: [], answer: () => job.reject(error) }
    }
  }

  #checkVersion(job: PendingCommand, revision: number): void {
    const { expectedResourceVersion: expected, expectedRevision = revision } = job.options
    const current = this.#row(job)?.resourceVersion
    const isExpected = expected === undefined || current === undefined || current === expected
    if (isExpected && revision === expectedRevision) return
    throw conflict(job.kind.kind, job.command.name, current === undefined ? null : formatPosition(current))
  }

  /** Appends a batch, and has its jobs answered once it is shown; undefined where its endpoint is somebody else's. */
  async #append(
    stream: string,
    expectedRevision: number,
    { decided, endpoint }: Batch,
  ): Promise<AppendResult | undefined> {
    const events = decided.flatMap(({ job, events }) =>
      events.map(event => newEvent(event, { ...job.options, commandHash: job.commandHash })),
    )
    if (endpoint !== undefined) {
      const { job } = decided[0] as DecidedCommand
      const refusal = await this.#claim(endpoint, { stream, expectedRevision, events }, job.options)
      if (refusal !== undefined) {
        job.reject(refusal)
        return undefined
      }
    }
    const appended = await this.#store.append(stream, expectedRevision, events)
    const shown = this.#projector.reached(appended.position)
    for (const { job, events } of decided) {
      job.noteAppended()
      shown.then(() => this.#answerDone(job, appended.position, events)).catch(error => job.reject(refusal(error)))
    }
    return appended
  }

  /** Undefined where the endpoint is the command's now, and otherwise why it is not. */
  async #claim(
    endpoint: Endpoint,
    append: { stream: string; expectedRevision: number; events: readonly EventToAppend[] },
    { caller, detour }: ExecuteOptions,
  ): Promise<HarkError | undefined> {
    try {
      await this.#endpoints.claim(endpoint, append, metadataOf('EndpointReserved', { caller }), detour)
      return undefined
    } catch (error) {
      if (error instanceof HarkError) return error
      throw error
    }
  }

  async #answerDone(job: PendingCommand, position: Position, events: readonly DomainEvent[]): Promise<void> {
    // What is remembered is the row as the command left it; the row that is shown may be later already.
    const remembered = await this.#answered.done(job)
    if (remembered !== undefined) return answerAgain(job, remembered)
    const last = events.at(-1) as DomainEvent
    const row = this.#row(job)
    job.resolve({ position, uid: (last.data as { uid: string }).uid, eventType: last.type, ...(row && { row }) })
  }

  #answerUnchanged(job: PendingCommand, uid: string): void {
    const row = this.#row(job)
    const answer = { position: this.#projector.head.position, uid, ...(row && { row }) }
    const { commandId } = job.options
    if (commandId !== undefined && job.commandHash !== undefined) {
      this.#answered.rememberUnchanged(commandId, { ...answer, stream: job.stream, commandHash: job.commandHash })
    }
    job.resolve(answer)
  }

  #row({ kind, command }: PendingCommand): ResourceRow | undefined {
    return kind.row(this.#models, command.namespace, command.name)
  }
}

/** What a caller may know of a failure; anything else is the engine's own fault and stays what it is. */
const refusal = (error: unknown): unknown => {
  if (error instanceof WrongExpectedRevision) return unavailable(`${error.stream} changes too fast: try again`)
  if (error instanceof AppendTooLarge) {
    return badUserInput([{ path: '', message: 'the change is too large: about a megabyte is the most' }])
  }
  return toCommandError(error)
}
