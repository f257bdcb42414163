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
  /** A UUID of the caller's; with the expected revision it makes an append that is sent twice harmless. */
  readonly id: string
  readonly type: string
  readonly data: object
  readonly metadata: EventMetadata
  /** If the caller has serialized them already. */
  readonly json?: EventJson
  /** When it was recorded elsewhere first, RFC 3339 in UTC with milliseconds, for an event that is moved here; else now. */
  readonly time?: string
}

export interface AppendResult {
  /** Of the last event of this append (of the stream, where nothing was appended). */
  readonly revision: number
  /** Of the last event of this append. */
  readonly position: Position
}

export interface ReadStreamOptions {
  /** The revision to begin with, inclusive: by default the first (forward) or the last (backward). */
  readonly from?: number
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
}

export interface ReadAllOptions {
  /** Exclusive: forward reads begin after it, backward reads before it. By default the log's very end of that side. */
  readonly from?: Position
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
  /** Only streams whose name begins with one of these; by default every stream but the store's own. */
  readonly prefixes?: readonly string[]
  /** For whoever compares revisions: where nothing but those tells that events are missing, it reads on. */
  readonly allowGaps?: boolean
  /** Whether events come with their JSON as it is stored, from a store that keeps texts. */
  readonly withJson?: boolean
}

export interface StoredEvent extends RecordedEvent {
  readonly json?: EventJson
}

export interface SubscribeOptions {
  /** The position of the last event that was handled; the first one delivered is later. */
  readonly after: Position
  readonly prefixes: readonly string[]
  /** Ends the iteration, quietly. */
  readonly signal: AbortSignal
}

/** What one event is known again by. */
export type EventMark = Pick<RecordedEvent, 'stream' | 'revision' | 'id'>

/** What a subscription delivers at a time. */
export interface Batch {
  /** In order of position; may be empty. */
  readonly events: readonly RecordedEvent[]
  /** Everything up to here was searched and what matched was delivered: where to resume. Never goes back. */
  readonly position: Position
  /** True when the batch ends at what was the end of the log when it was made; false while behind, or cut off. */
  readonly live: boolean
}

/**
 * Where events live. What every adapter must do is in test/contract/event-store.ts.
 *
 * Every method rejects with StoreUnavailable once the store is closed. Every reading throws StoreCorrupted where it comes to
 * what is no event, or to where one is missing: nothing is passed over.
 */
export interface EventStore {
  /** Whether other processes may write to it, too. */
  readonly isShared: boolean

  /** Why it takes no events at present, in words for anybody; undefined while it does, or where it cannot know. */
  readonly readOnlyReason: string | undefined

  /**
   * Appends all events or none, durably: once it resolves they survive a crash.
   *
   * Before: `expectedRevision` is the revision of the stream's last event, or NO_STREAM.
   * After: the events are the stream's last, in the order given. The same ids with the same expected revision again
   * change nothing and answer as the first time, whatever was appended since.
   *
   * @throws WrongExpectedRevision where the stream is at another revision; nothing was written
   * @throws AppendTooLarge beyond MAX_APPEND_BYTES; nothing was written
   * @throws InvalidAppend for an id that is no UUID, an empty stream name or a stream name that begins with `$`
   * @throws StoreUnavailable where no answer came: the events are there or not; the same append again settles it
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult>

  /** Events of one stream in order of revision; none where the stream does not exist. Reads no more than is taken. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>

  /** Events of the log in order of position, as it was when the reading began. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>

  /** Faults of the store that `readAll` does not meet, such as a foreign trigger, or a stream whose metadata hides events. */
  check(): AsyncIterable<StoreCorrupted>

  /**
   * Catches up from `after` and goes on live, each event once and in order, for as long as the signal lets it. Where the
   * server goes away it delivers `{events: [], live: false}` once, tries again with growing pauses, and goes on from
   * where it was.
   *
   * Each time that it goes on it looks whether the event that it delivered last is where it was.
   *
   * @throws AnotherLog where that event is not there, or the log does not go as far as where it is to go on
   */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>

  /**
   * Whether an event that was read earlier is where it was. Where a server may lag behind what was read of it, the answer
   * is no only once it has been no for as long as none lags.
   */
  holds(mark: EventMark, signal: AbortSignal): Promise<boolean>

  /** Resolves when the store answers; rejects with StoreUnavailable when it does not in time. */
  ping(): Promise<void>

  /** Ends subscriptions, lets appends under way finish or fail, frees everything. Closing twice is harmless. */
  close(): Promise<void>
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision'
  readonly stream: string
  readonly expected: number
  readonly actual: number

  /** `actual` is NO_STREAM where there is none. */
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

/** Where in a log something stands, as far as that is known. */
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

/** The log is not what was written: something there is no event, or one that must be there is not. */
export class StoreCorrupted extends Error {
  override readonly name = 'StoreCorrupted'
  readonly location: EventLocation
  readonly fault: string
  /** Whoever looks for more damage may read on behind this position; undefined where nothing can be read. */
  readonly resumeAfter: Position | undefined

  /** `fault` is for operators; it quotes nothing of what stands there. */
  constructor(place: EventLocation, fault: string, options: ErrorOptions & { readonly resumeAfter?: Position } = {}) {
    super(`the event log is damaged at ${formatLocation(place)}: ${fault}`, options)
    this.location = place
    this.fault = fault
    this.resumeAfter = options.resumeAfter ?? place.position
  }
}

/** Every event is missing from a position to another, both included. */
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

/** What was read of the log is not in it: it is another, or an older state of it was put back. */
export class AnotherLog extends StoreCorrupted {
  constructor(place: EventLocation, seen: string) {
    super(place, `${seen}: it is another log, or an older state of it`)
  }
}

/** The store gave no answer. What was asked may have happened or not: the same call again is safe and settles it. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** Another process has what only one may have. */
export class StoreInUse extends StoreUnavailable {}
