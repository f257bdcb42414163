import type { EventMetadata, Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../schemas/events/recorded-event.ts'

export const NO_STREAM = -1

/** EventStoreDB's default limit for data and metadata of all events of one append. */
export const MAX_APPEND_BYTES = 1_048_576

export interface EventJson {
  readonly data: string
  readonly metadata: string
}

export interface EventToAppend {
  /** A UUID. With the expected revision it makes a repeated append harmless. */
  readonly id: string
  readonly type: string
  readonly data: object
  readonly metadata: EventMetadata
  readonly json?: EventJson
  /** RFC 3339 in UTC with milliseconds, of an imported event; default: now. */
  readonly time?: string
}

export interface AppendResult {
  /** Of the last event appended, or of the stream's last event if none was. */
  readonly revision: number
  readonly position: Position
}

export interface ReadStreamOptions {
  /** Inclusive; default: the first (forward) or the last revision (backward). */
  readonly from?: number
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
}

export interface ReadAllOptions {
  /** Exclusive; default: the beginning (forward) or the end of the log (backward). */
  readonly from?: Position
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
  /** Prefixes of stream names; default: all but system streams. */
  readonly prefixes?: readonly string[]
  /** Ignores gaps between revisions; the caller compares revisions itself. */
  readonly allowGaps?: boolean
  /** Returns stored JSON with the events, if the store keeps texts. */
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

export type EventMark = Pick<RecordedEvent, 'stream' | 'revision' | 'id'>

export interface Batch {
  /** In order of position; may be empty. */
  readonly events: readonly RecordedEvent[]
  /** Position to resume after. Never decreases. */
  readonly position: Position
  /** False while catching up or disconnected. */
  readonly live: boolean
}

/**
 * The log of events. Every adapter passes test/contract/event-store.ts.
 *
 * Every method rejects with StoreUnavailable once the store is closed. Reads throw StoreCorrupted at an invalid or
 * missing event.
 */
export interface EventStore {
  /** Whether other processes may write to the store. */
  readonly isShared: boolean

  /** Why the store rejects appends, for clients; undefined if it accepts them or cannot know. */
  readonly readOnlyReason: string | undefined

  /**
   * Appends all events or none. They survive a crash once the promise resolves.
   *
   * The same ids with the same expected revision again write nothing and return the first result.
   * @param expectedRevision of the stream's last event, or NO_STREAM
   * @throws WrongExpectedRevision if the stream is at another revision
   * @throws AppendTooLarge beyond MAX_APPEND_BYTES
   * @throws InvalidAppend if an id is no UUID, or the stream name is empty or begins with `$`
   * @throws StoreUnavailable if there was no response: a repeated append finds out whether it was written
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult>

  /** Yields events in order of revision; none if the stream does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>

  /** Yields events in order of position, up to the end that the log has at the first iteration. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>

  /** Yields faults that `readAll` does not detect, such as a foreign trigger. */
  check(): AsyncIterable<StoreCorrupted>

  /**
   * Yields each event after `after` once and in order, and continues live until the signal aborts. Without a server it
   * yields `{events: [], live: false}` once and reconnects.
   *
   * @throws AnotherLog if the last event is not in its place on resuming, or the log ends before `after`
   */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>

  /** Whether an earlier event is still in its place. Returns false only after the longest lag of a server. */
  holds(mark: EventMark, signal: AbortSignal): Promise<boolean>

  /** @throws StoreUnavailable if the store does not respond in time */
  ping(): Promise<void>

  /** Ends subscriptions, awaits pending appends and frees all resources. Idempotent. */
  close(): Promise<void>
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision'
  readonly stream: string
  readonly expected: number
  readonly actual: number

  /** @param actual NO_STREAM if the stream does not exist */
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

/** An event is invalid or missing. */
export class StoreCorrupted extends Error {
  override readonly name = 'StoreCorrupted'
  readonly location: EventLocation
  readonly fault: string
  /** Position after which reading can resume; undefined if it cannot. */
  readonly resumeAfter: Position | undefined

  /** @param fault for operators, without data of events */
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

/** Events read earlier are not in the log: it is another log, or a restored backup. */
export class AnotherLog extends StoreCorrupted {
  constructor(place: EventLocation, seen: string) {
    super(place, `${seen}: it is another log, or an older state of it`)
  }
}

/** The store did not respond. The call may have taken effect, and repeating it is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** Another process holds the store exclusively. */
export class StoreInUse extends StoreUnavailable {}
