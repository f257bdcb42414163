import { randomUUID } from 'node:crypto'
import type { Command } from '../../schemas/commands.ts'
import { badInput, conflict, HarkError, unavailable } from '../../schemas/errors.ts'
import type { DomainEvent, EventType } from '../../schemas/events.ts'
import { formatPosition } from '../../schemas/position.ts'
import { BEGINNING, type EventMetadata, type Position } from '../../schemas/recorded-event.ts'
import { ALL_PREFIXES } from '../../schemas/streams.ts'
import { schemaVersion } from '../../schemas/upcast.ts'
import {
  type AppendResult,
  AppendTooLarge,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../store/event-store.ts'
import { type Endpoints, readState } from './endpoints.ts'
import type { CommandAnswer, CommandOptions } from './engine.ts'
import type { Projector } from './projector.ts'
import type { ReadModels } from './read-models.ts'
import { type Endpoint, kindOf, type RememberedAnswer, type ResourceKind, type ResourceRow } from './resource-kinds.ts'

/** A command that loses against others this often is given back to its caller. */
const MAX_ATTEMPTS = 50
/** More events than this do not go into one append. */
const MAX_BATCH = 200
/** Of so many commands that had nothing to do, the ids are remembered; what was done is remembered for good. */
const REMEMBERED_UNCHANGED = 10_000

type Answer = CommandAnswer<ResourceRow>

/** The resource that a command is about. */
interface Subject {
  readonly kind: ResourceKind
  readonly stream: string
  readonly command: Command
}

/** A command that waits for its turn at its stream. */
interface Job extends Subject {
  readonly options: CommandOptions
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Where a stream stands: what the next command is decided on. */
interface Known {
  readonly state: unknown
  readonly revision: number
  /** Of its last event, where this engine has just read or written it. */
  readonly position: Position
  /** The stream ends here, and the read side shows it. Rows may be behind what others have done: an append tells, if one is made. */
  readonly isCertain: boolean
}

interface Decided {
  readonly job: Job
  readonly events: readonly DomainEvent[]
}

/** The events of a command; where there are none, how it is answered. */
interface Decision {
  readonly events: readonly DomainEvent[]
  readonly answer?: () => void
}

/** What goes into one append, and how many of the jobs that settles. */
interface Batch {
  readonly decided: readonly Decided[]
  readonly taken: number
  readonly after: unknown
  /** The next job can only be answered where the stream is known for certain. */
  readonly needsCertainty?: boolean
  /** The endpoint that the one command of this batch wants. */
  readonly endpoint?: Endpoint
}

/** By command id, what was answered to it before. */
type Remembered = ReadonlyMap<string, RememberedAnswer | undefined>
const NOTHING_REMEMBERED: Remembered = new Map()

export interface CommandHandlerOptions {
  readonly store: EventStore
  readonly models: ReadModels
  readonly projector: Projector
  readonly endpoints: Endpoints
}

/**
 * Decides commands and appends what they bring about. Commands for one stream are decided one after the other, those that
 * wait together share an append; streams do not wait for each other. Nothing is answered before it is durable and shown.
 */
export class CommandHandler {
  readonly #store: EventStore
  readonly #models: ReadModels
  readonly #projector: Projector
  readonly #endpoints: Endpoints
  readonly #queues = new Map<string, Job[]>()
  readonly #unchanged = new Map<string, RememberedAnswer>()

  constructor({ store, models, projector, endpoints }: CommandHandlerOptions) {
    this.#store = store
    this.#models = models
    this.#projector = projector
    this.#endpoints = endpoints
  }

  execute(command: Command, options: CommandOptions): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const kind = kindOf(command.type)
    const stream = kind.stream(command)
    const job = { kind, stream, command, options, resolve, reject }
    const queue = this.#queues.get(stream)
    if (queue === undefined) {
      this.#queues.set(stream, [])
      void this.#drain(stream, [job])
    } else queue.push(job)
    return promise
  }

  /** The events that a command would bring about now; rejects with what the command would be refused with. */
  async preview(command: Command): Promise<readonly DomainEvent[]> {
    const kind = kindOf(command.type)
    const subject = { kind, stream: kind.stream(command), command }
    const decide = ({ state }: Known) => kind.decider.decide({ ...command, newUid: randomUUID() }, state)
    try {
      const known = await this.#load(subject)
      try {
        return decide(known)
      } catch {
        return decide(await this.#makeCertain(subject, known))
      }
    } catch (error) {
      throw answerable(error)
    }
  }

  /** Whether a command of this id was done before. */
  async wasDone(command: Command, commandId: string): Promise<boolean> {
    return (await this.#models.rowOnDisk(kindOf(command.type).model, 'answers', commandId)) !== undefined
  }

  async #drain(stream: string, first: readonly Job[]): Promise<void> {
    let known: Known | undefined
    for (let jobs = first; jobs.length > 0; ) {
      known = await this.#handle(stream, jobs, known)
      jobs = this.#queues.get(stream) ?? []
      if (jobs.length > 0) this.#queues.set(stream, [])
    }
    this.#queues.delete(stream)
  }

  /** Handles jobs of one stream in their order, and answers every one; tells where the stream stands then, if it is known. */
  async #handle(
    stream: string,
    jobs: readonly Job[],
    known: Known | undefined,
    attempt = 1,
  ): Promise<Known | undefined> {
    let left = jobs
    try {
      let at = known ?? (await this.#load(left[0] as Job))
      while (left.length > 0) {
        const remembered = left.some(asksReadSide) ? await this.#lookUp(left, at) : NOTHING_REMEMBERED
        const batch = this.#decide(left, at, remembered)
        const appended = batch.decided.length > 0 ? await this.#append(stream, at.revision, batch) : undefined
        if (appended !== undefined) at = { ...appended, state: batch.after, isCertain: false }
        else if (batch.needsCertainty) at = await this.#makeCertain(left[0] as Job, at)
        left = left.slice(batch.taken)
      }
      return at
    } catch (error) {
      if (error instanceof WrongExpectedRevision && attempt < MAX_ATTEMPTS)
        return this.#retry(stream, left, attempt + 1)
      for (const job of left) job.reject(answerable(error))
      return undefined
    }
  }

  /** What was answered before to the ids of these commands, once the read side shows where the stream stands. */
  async #lookUp(jobs: readonly Job[], { position }: Known): Promise<Remembered> {
    await this.#projector.reached(Math.max(position, await this.#newestVersionAskedFor(jobs)))
    const ids = jobs.flatMap(({ kind, options: { commandId } }) =>
      commandId === undefined ? [] : [{ kind, commandId }],
    )
    const answers = ids.map(async ({ kind, commandId }) => {
      const found = this.#unchanged.get(commandId) ?? (await this.#models.rowOnDisk(kind.model, 'answers', commandId))
      return [commandId, found as RememberedAnswer | undefined] as const
    })
    return new Map(await Promise.all(answers))
  }

  /** A version that a caller has from another engine may be news to this one; one that no log has yet is nobody's. */
  async #newestVersionAskedFor(jobs: readonly Job[]): Promise<Position> {
    const newest = Math.max(BEGINNING, ...jobs.map(({ options }) => options.expectedResourceVersion ?? BEGINNING))
    if (newest <= this.#projector.head.position) return newest
    for await (const last of this.#store.readAll({ direction: 'backward', limit: 1, prefixes: ALL_PREFIXES })) {
      return newest <= last.position ? newest : BEGINNING
    }
    return BEGINNING
  }

  /** Somebody was faster: what they did is read from the store, and the commands are decided again on that. */
  async #retry(stream: string, jobs: readonly Job[], attempt: number): Promise<Known | undefined> {
    try {
      return await this.#handle(stream, jobs, await this.#read(jobs[0] as Job), attempt)
    } catch (error) {
      for (const job of jobs) job.reject(answerable(error))
      return undefined
    }
  }

  /**
   * Rows are as good a ground for a decision as the stream itself: where they are behind, the expected revision tells.
   * Rows that stand in for a read model under rebuild may not be what this version would make of the stream.
   */
  async #load(job: Subject): Promise<Known> {
    const { kind, command } = job
    if (this.#models.isRebuilding(kind.model)) return this.#read(job)
    return { ...kind.known(this.#models, command.namespace, command.name), position: BEGINNING, isCertain: false }
  }

  /** What the store itself has; it is awaited on the read side too, for whatever is answered then. */
  async #read({ kind, stream }: Subject): Promise<Known> {
    const read = await readState(this.#store, stream, kind.decider)
    await this.#projector.reached(read.position)
    return { ...read, isCertain: true }
  }

  /** Where the stream still ends where it was believed to, what was believed holds; else it is read. */
  async #makeCertain(job: Subject, known: Known): Promise<Known> {
    for await (const { revision, position } of this.#store.readStream(job.stream, {
      direction: 'backward',
      limit: 1,
    })) {
      if (revision !== known.revision) return this.#read(job)
      await this.#projector.reached(position)
      return { ...known, position, isCertain: true }
    }
    return known.revision === NO_STREAM ? { ...known, isCertain: true } : this.#read(job)
  }

  /**
   * Decides jobs from the first on, as many as may share an append. One that needs an endpoint has an append of its own,
   * so that its claim can carry it; one that asks the read side, or comes to nothing, waits until those before it are
   * done and shown. Jobs that come to nothing are answered here, where that is certain.
   */
  #decide(jobs: readonly Job[], known: Known, remembered: Remembered): Batch {
    const decided: Decided[] = []
    let { state } = known
    let eventCount = 0
    for (const [index, job] of jobs.entries()) {
      const cut = { decided, taken: index, after: state }
      if (decided.length > 0 && asksReadSide(job)) return cut
      const { events, answer } = this.#decideOne(job, state, remembered)
      if (answer !== undefined) {
        if (decided.length > 0) return cut
        if (!known.isCertain && !wasDoneBefore(job, remembered)) return { ...cut, needsCertainty: true }
        answer()
        continue
      }
      const after = events.reduce<unknown>(job.kind.decider.evolve, state)
      const endpoint = wantedEndpoint(job, state, after)
      if (decided.length > 0 && (endpoint !== undefined || eventCount + events.length > MAX_BATCH)) return cut
      decided.push({ job, events })
      eventCount += events.length
      state = after
      if (endpoint !== undefined) return { decided, taken: index + 1, after, endpoint }
    }
    return { decided, taken: jobs.length, after: state }
  }

  /** The events of one command on a state, or how it is answered without any: refused, done before, nothing to do. */
  #decideOne(job: Job, state: unknown, remembered: Remembered): Decision {
    const { command, options, kind } = job
    try {
      const before = options.commandId === undefined ? undefined : remembered.get(options.commandId)
      if (before !== undefined) return { events: [], answer: () => answerAgain(job, before) }
      this.#checkVersion(job)
      const events = kind.decider.decide({ ...command, newUid: randomUUID() }, state)
      if (events.length > 0) return { events }
      return { events, answer: () => this.#answerUnchanged(job, kind.uid(state) as string) }
    } catch (error) {
      return { events: [], answer: () => job.reject(error) }
    }
  }

  #answerUnchanged(job: Job, uid: string): void {
    const { position } = this.#projector.head
    const row = this.#row(job)
    const { commandId } = job.options
    if (commandId !== undefined) {
      if (this.#unchanged.size >= REMEMBERED_UNCHANGED)
        this.#unchanged.delete(this.#unchanged.keys().next().value as string)
      this.#unchanged.set(commandId, { stream: job.stream, position, uid, ...(row && { row }) })
    }
    job.resolve({ position, uid, ...(row && { row }) })
  }

  #checkVersion(job: Job): void {
    const expected = job.options.expectedResourceVersion
    const current = this.#row(job)?.resourceVersion
    if (expected === undefined || current === undefined || current === expected) return
    throw conflict(job.kind.kind, job.command.name, formatPosition(current))
  }

  /** Appends a batch, and has its jobs answered once it is shown; undefined where its endpoint is somebody else's. */
  async #append(
    stream: string,
    expectedRevision: number,
    { decided, endpoint }: Batch,
  ): Promise<AppendResult | undefined> {
    const events = decided.flatMap(({ job, events }) => events.map(event => toAppend(event, job.options)))
    if (endpoint !== undefined) {
      const { job } = decided[0] as Decided
      const refusal = await this.#claim(endpoint, stream, expectedRevision, events, job.options)
      if (refusal !== undefined) {
        job.reject(refusal)
        return undefined
      }
    }
    const appended = await this.#store.append(stream, expectedRevision, events)
    const shown = this.#projector.reached(appended.position)
    for (const { job, events } of decided)
      shown.then(() => this.#answerDone(job, appended.position, events), job.reject)
    return appended
  }

  /** Undefined where the endpoint is the command's now, and otherwise why it is not. */
  async #claim(
    endpoint: Endpoint,
    stream: string,
    expectedRevision: number,
    events: EventToAppend[],
    options: CommandOptions,
  ): Promise<HarkError | undefined> {
    const { commandId: _, ...caller } = options
    try {
      await this.#endpoints.claim(
        endpoint,
        { stream, expectedRevision, events },
        metadataOf('EndpointReserved', caller),
      )
      return undefined
    } catch (error) {
      if (error instanceof HarkError) return error
      throw error
    }
  }

  #answerDone(job: Job, position: Position, events: readonly DomainEvent[]): void {
    const last = events.at(-1) as DomainEvent<EventType>
    const row = this.#row(job)
    job.resolve({ position, uid: (last.data as { uid: string }).uid, eventType: last.type, ...(row && { row }) })
  }

  #row({ kind, command }: Job): ResourceRow | undefined {
    return kind.row(this.#models, command.namespace, command.name)
  }
}

/** A command that was done before is answered as it was then. */
const answerAgain = (job: Job, { stream, position, uid, eventType, row }: RememberedAnswer): void => {
  if (stream !== job.stream) {
    const message = `${JSON.stringify(job.options.commandId)} is the id of another command: give each its own`
    job.reject(badInput([{ path: 'commandId', message }]))
  } else job.resolve({ position, uid, ...(eventType && { eventType }), ...(row && { row }) })
}

const wasDoneBefore = ({ options: { commandId } }: Job, remembered: Remembered): boolean =>
  commandId !== undefined && remembered.get(commandId) !== undefined

const asksReadSide = ({ options }: Job): boolean =>
  options.commandId !== undefined || options.expectedResourceVersion !== undefined

/** The endpoint that a resource would hold after a command and does not hold yet. */
const wantedEndpoint = ({ kind, command }: Job, before: unknown, after: unknown): Endpoint | undefined => {
  const wanted = kind.endpoint(command.namespace, after)
  return wanted?.stream === kind.endpoint(command.namespace, before)?.stream ? undefined : wanted
}

const metadataOf = (type: EventType, { caller, commandId }: CommandOptions): EventMetadata => ({
  schemaVersion: schemaVersion(type),
  actor: caller.actor,
  correlationId: caller.correlationId,
  ...(commandId !== undefined && { commandId }),
})

const toAppend = ({ type, data }: DomainEvent, options: CommandOptions): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: metadataOf(type, options),
})

/** What a caller may know of a failure; anything else is the engine's own fault and stays what it is. */
const answerable = (error: unknown): unknown => {
  if (error instanceof StoreUnavailable) return unavailable(error.message)
  if (error instanceof WrongExpectedRevision) return unavailable(`${error.stream} changes too fast: try again`)
  if (error instanceof AppendTooLarge)
    return badInput([{ path: '', message: 'the change is too large: about a megabyte is the most' }])
  return error
}
