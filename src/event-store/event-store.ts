import type { EventMetadata, Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../schemas/events/recorded-event.ts'

/** The expected revision of a stream that must not exist yet. */
export const NO_STREAM = -1

/** The most bytes that one append may carry, data and metadata of all its events together. EventStoreDB's default. */
export const MAX_APPEND_BYTES = 1_048_576

/** Data and metadata of an event as JSON texts. */
export interface EventJson {
  readonly data: string
  readonly metadata: string
}

export interface EventToAppend {
  /** A UUID; with the expected revision it makes an append that is sent twice harmless. */
  readonly id: string
  readonly type: string
  readonly data: object
  readonly metadata: EventMetadata
  /** If the caller has serialized them already. */
  readonly json?: EventJson
  /** When an imported event was recorded, RFC 3339 in UTC with milliseconds; by default now. */
  readonly time?: string
}

export interface AppendResult {
  /** Of the last event appended; of the stream's last event if nothing was. */
  readonly revision: number
  readonly position: Position
}

export interface ReadStreamOptions {
  /** Inclusive; by default the first (forward) or the last revision (backward). */
  readonly from?: number
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
}

export interface ReadAllOptions {
  /** Exclusive; by default the beginning (forward) or the end of the log (backward). */
  readonly from?: Position
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
  /** Only streams whose name begins with one of these; by default all but system streams. */
  readonly prefixes?: readonly string[]
  /** Reads past missing events that only a gap between revisions reveals, for a caller that compares revisions. */
  readonly allowGaps?: boolean
  /** Whether events come with their JSON as it is stored, from a store that keeps texts. */
  readonly withJson?: boolean
}

export interface StoredEvent extends RecordedEvent {
  readonly json?: EventJson
}

export interface SubscribeOptions {
  /** Exclusive. */
  readonly after: Position
  readonly prefixes: readonly string[]
  /** Ends the iteration without an error. */
  readonly signal: AbortSignal
}

/** Identifies an event. */
export type EventMark = Pick<RecordedEvent, 'stream' | 'revision' | 'id'>

export interface Batch {
  /** In order of position; may be empty. */
  readonly events: readonly RecordedEvent[]
  /** Where to resume: everything up to here was searched, and matches were delivered. Never decreases. */
  readonly position: Position
  /** Whether the batch reached the end of the log; false while catching up or disconnected. */
  readonly live: boolean
}

/**
 * The log of events. Every adapter passes test/contract/event-store.ts.
 *
 * Every method rejects with StoreUnavailable once the store is closed. Reads throw StoreCorrupted at an invalid or missing
 * event, and skip none.
 */
export interface EventStore {
  /** Whether other processes may write to it as well. */
  readonly isShared: boolean

  /** Why it accepts no events now, for clients; undefined if it does, or cannot know. */
  readonly readOnlyReason: string | undefined

  /**
   * Appends all events or none, durably: once it resolves they survive a crash.
   *
   * The same ids with the same expected revision again write nothing and return the first result, whatever was appended
   * since.
   *
   * @param expectedRevision of the stream's last event, or NO_STREAM
   * @throws WrongExpectedRevision if the stream is at another revision; nothing was written
   * @throws AppendTooLarge beyond MAX_APPEND_BYTES; nothing was written
   * @throws InvalidAppend if an id is no UUID, or the stream name is empty or begins with `$`
   * @throws StoreUnavailable if there was no response: repeat the append to find out whether it was written
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult>

  /** Yields events of one stream in order of revision; none if it does not exist. Fetches only as iterated. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>

  /** Yields events in order of position, up to the end of the log at the first iteration. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>

  /** Yields faults that `readAll` does not meet: a foreign trigger, or a stream whose metadata hides events. */
  check(): AsyncIterable<StoreCorrupted>

  /**
   * Catches up from `after` and continues live, each event once and in order, until the signal aborts. When the server is
   * lost it yields `{events: [], live: false}` once, reconnects with growing pauses, and resumes.
   *
   * @throws AnotherLog if the last event delivered is not in its place on resuming, or the log ends before `after`
   */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>

  /**
   * Whether an event that was read earlier is still in its place. Returns false only after the longest time that a server
   * can lag behind.
   */
  holds(mark: EventMark, signal: AbortSignal): Promise<boolean>

  /** Rejects with StoreUnavailable if the store does not respond in time. */
  ping(): Promise<void>

  /** Ends subscriptions, waits for pending appends, and frees all resources. Idempotent. */
  close(): Promise<void>
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision'
  readonly stream: string
  readonly expected: number
  readonly actual: number

  /** @param actual NO_STREAM if there is none */
  constructor(stream: string, expected: number, actual: number) {
    super(`stream ${stream} is at revision ${actual}, not at ${expected}`)
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge'

  constructor(stream: string) {
    super(`an append to ${stream} carries more than ${MAX_APPEND_BYTES} bytes`)
  }
}

export class InvalidAppend extends Error {
  override readonly name = 'InvalidAppend'
}

/** A place in the log, as far as it is known. */
export interface EventLocation {
  readonly position?: Position | undefined
  readonly stream?: string | undefined
  readonly revision?: number | undefined
}

export const formatLocation = ({ position, stream, revision }: EventLocation): string => {
  const at = position === undefined ? '' : `position ${formatPosition(position)}`
  if (stream === undefined) return at === '' ? 'the event log' : at
  return `${stream}${revision === undefined ? '' : ` revision ${revision}`}${at === '' ? '' : ` (${at})`}`
}

/** The log differs from what was written: an event is invalid or missing. */
export class StoreCorrupted extends Error {
  override readonly name = 'StoreCorrupted'
  readonly location: EventLocation
  readonly fault: string
  /** The position after which reading can resume, to find more damage; undefined if it cannot. */
  readonly resumeAfter: Position | undefined

  /** @param fault for operators; it quotes no data */
  constructor(place: EventLocation, fault: string, options: ErrorOptions & { readonly resumeAfter?: Position } = {}) {
    super(`the event log is damaged at ${formatLocation(place)}: ${fault}`, options)
    this.location = place
    this.fault = fault
    this.resumeAfter = options.resumeAfter ?? place.position
  }
}

/** All events between two positions, both inclusive, are missing. */
export class EventsMissing extends StoreCorrupted {
  readonly from: Position
  readonly to: Position

  constructor(from: Position, to: Position) {
    super({ position: from }, from === to ? 'the event is missing' : `${to - from + 1} events are missing`, {
      resumeAfter: to,
    })
    this.from = from
    this.to = to
  }
}

/** Events that were read are not in the log: it is another one, or was restored from a backup. */
export class AnotherLog extends StoreCorrupted {
  constructor(place: EventLocation, seen: string) {
    super(place, `${seen}: it is another log, or an older state of it`)
  }
}

/** The store did not respond; the call may have taken effect. Repeating it is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** Another process has the store, which only one may have. */
export class StoreInUse extends StoreUnavailable {}
