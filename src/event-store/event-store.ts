import type { EventMetadata, Position, RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { formatPosition } from '../../schemas/events/recorded-event.ts'

export const NO_STREAM = -1

/** EventStoreDB's default limit for data and metadata of an append. */
export const MAX_APPEND_BYTES = 1_048_576

export interface EventJson {
  readonly data: string
  readonly metadata: string
}

export interface EventToAppend {
  /** A UUID, by which a repeated append is recognized. */
  readonly id: string
  readonly type: string
  readonly data: object
  readonly metadata: EventMetadata
  readonly json?: EventJson
  /** RFC 3339 in UTC with milliseconds; default: now. */
  readonly time?: string
}

export interface StreamAppend {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly EventToAppend[]
}

export interface AppendResult {
  /** Revision of the last event; without events, of the stream's last one. */
  readonly revision: number
  readonly position: Position
}

export interface ReadStreamOptions {
  /** Inclusive; default: the stream's first or last revision. */
  readonly from?: number
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
}

export interface ReadAllOptions {
  /** Exclusive; default: the beginning or end of the log. */
  readonly from?: Position
  readonly direction?: 'forward' | 'backward'
  readonly limit?: number
  /** Default: all but system streams. */
  readonly prefixes?: readonly string[]
  /** Serves callers that compare revisions themselves. */
  readonly allowGaps?: boolean
  /** Returns the JSON texts, if the store keeps them. Reading `data` or `metadata` then throws StoreCorrupted. */
  readonly withJson?: boolean
}

export interface StoredEvent extends RecordedEvent {
  readonly json?: EventJson
}

export interface SubscribeOptions {
  /** Exclusive. */
  readonly after: Position
  readonly prefixes: readonly string[]
  readonly signal: AbortSignal
}

export type EventMark = Pick<RecordedEvent, 'stream' | 'revision' | 'id'>

export interface Batch {
  readonly events: readonly RecordedEvent[]
  /** Position to resume after. Never decreases. */
  readonly position: Position
  /** False while catching up or disconnected. */
  readonly live: boolean
}

/**
 * Every adapter passes test/contract/event-store.ts.
 *
 * Every method rejects with StoreUnavailable once the store is closed. Reads throw StoreCorrupted at an invalid or
 * missing event.
 */
export interface EventStore {
  /** Whether other processes may write to the store. */
  readonly isShared: boolean

  /** For clients; undefined if the store accepts appends, or cannot determine that. */
  readonly readOnlyReason: string | undefined

  /**
   * Appends all events or none, durably. The same ids with the same expected revision again write nothing and return
   * the first result.
   *
   * @param expectedRevision of the stream's last event, or NO_STREAM
   * @throws AppendTooLarge beyond MAX_APPEND_BYTES
   * @throws InvalidAppend if an id is no UUID, or the stream name is empty or begins with `$`
   * @throws StoreUnavailable if there was no response; repeating the append is safe
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult>

  /**
   * Appends to different streams, in the order given, all or nothing, durably. Undefined if the store appends to one
   * stream at a time. Repetitions and errors are as for `append`, and their size is limited each.
   */
  readonly appendAll?: (appends: readonly StreamAppend[]) => Promise<readonly AppendResult[]>

  /**
   * Appends in the order given, which is then that of the log. An append that is already there counts as appended.
   *
   * @param after position of the last event before them
   * @throws AppendedOutOfOrder, and like `append`; a later append may then be there
   */
  appendInOrder(appends: AsyncIterable<StreamAppend>, after: Position): Promise<void>

  /** Yields events in order of revision; none if the stream does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>

  /** Yields events in order of position, up to the end at the first iteration. */
  readAll(options?: ReadAllOptions): AsyncIterable<StoredEvent>

  /** Yields faults that `readAll` does not detect, such as a foreign trigger. */
  check(): AsyncIterable<StoreCorrupted>

  /**
   * Yields each event once and in order, then live ones until the signal aborts. Without a server it yields `{events:
   * [], live: false}` once and reconnects.
   *
   * @throws AnotherLog if the last event has left its place, or the log ends before `after`
   */
  subscribe(options: SubscribeOptions): AsyncIterable<Batch>

  /** Whether an earlier event is still in place. Returns false only after the longest lag of a server. */
  holds(mark: EventMark, signal: AbortSignal): Promise<boolean>

  ping(): Promise<void>

  /** Awaits pending appends. Idempotent. */
  close(): Promise<void>
}

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision'
  readonly stream: string
  readonly expected: number
  readonly actual: number

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

/** Cannot be mended, as the order of the log is final. */
export class AppendedOutOfOrder extends Error {
  override readonly name = 'AppendedOutOfOrder'

  constructor({ stream, expectedRevision }: StreamAppend) {
    super(`revision ${expectedRevision + 1} of ${stream} follows an event in the log that should follow it`)
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

export class StoreCorrupted extends Error {
  override readonly name = 'StoreCorrupted'
  readonly location: EventLocation
  readonly fault: string
  /** Undefined if reading cannot resume. */
  readonly resumeAfter: Position | undefined

  constructor(place: EventLocation, fault: string, options: ErrorOptions & { readonly resumeAfter?: Position } = {}) {
    super(`the event log is damaged at ${formatLocation(place)}: ${fault}`, options)
    this.location = place
    this.fault = fault
    this.resumeAfter = options.resumeAfter ?? place.position
  }
}

/** Both positions are inclusive. */
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

/** The log is another one, or a restored backup. */
export class AnotherLog extends StoreCorrupted {
  constructor(place: EventLocation, seen: string) {
    super(place, `${seen}: it is another log, or an older state of it`)
  }
}

/** The call may have taken effect. Repeating it is safe. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export class StoreInUse extends StoreUnavailable {}
