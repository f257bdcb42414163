import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import {
  type AppendResult,
  type EventToAppend,
  StoreCorrupted,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.ts'
import { type SerializedEvent, serializeAppend } from '../validate-append.ts'
import { describeError } from './errors.ts'
import type { WrittenEvent } from './events-table.ts'
import type { SqliteLog } from './log.ts'
import { WriteHealth } from './write-health.ts'

const FULL_GROUP = 256
/** Appends whose revisions are looked up one by one. */
const FEW = 8

interface PendingAppend {
  readonly stream: string
  readonly expected: number
  readonly events: readonly SerializedEvent[]
  resolve(result: AppendResult): void
  reject(error: Error): void
}

interface StagedAppend {
  readonly append: PendingAppend
  readonly written: readonly WrittenEvent[]
}

interface Stage {
  readonly staged: readonly StagedAppend[]
  readonly rest: PendingAppend[]
}

interface AppendQueueOptions {
  readonly now: () => Date
  readonly onWriteFailure: (error: Error) => void
  readonly onWritable: () => void
}

/** Group commit: appends that arrive together share one sync of the disk. */
export class AppendQueue {
  readonly #log: SqliteLog
  readonly #now: () => Date
  readonly #health: WriteHealth
  #pending: PendingAppend[] = []
  #isUnsettled = false

  constructor(log: SqliteLog, { now, onWriteFailure, onWritable }: AppendQueueOptions) {
    this.#log = log
    this.#now = now
    this.#health = new WriteHealth({
      tryToWrite: () => log.table.tryToWrite(),
      onFailure: onWriteFailure,
      onRecovery: onWritable,
    })
  }

  get failure(): string | undefined {
    return this.#log.corruption?.message ?? this.#health.reason
  }

  append(stream: string, expected: number, toAppend: readonly EventToAppend[]): Promise<AppendResult> {
    const events = serializeAppend(stream, toAppend)
    const { promise, resolve, reject } = Promise.withResolvers<AppendResult>()
    if (this.#pending.length === 0) setImmediate(() => this.#commitOnceComplete(1))
    this.#pending.push({ stream, expected, events, resolve, reject })
    return promise
  }

  /** Appends of many connections arrive over several turns of the event loop. */
  #commitOnceComplete(before: number): void {
    const { length } = this.#pending
    if (length > before && length < FULL_GROUP) setImmediate(() => this.#commitOnceComplete(length))
    else this.#commitPending()
  }

  #commitPending(): void {
    let pending = this.#pending
    this.#pending = []
    while (pending.length > 0) {
      try {
        if (this.#isUnsettled) this.#settle()
        if (this.#log.corruption !== undefined) throw this.#log.corruption
      } catch (error) {
        rejectAll(pending, error as Error)
        return
      }
      pending = this.#commitFirstOfEachStream(pending)
    }
  }

  /** Returns second appends to a stream, which must see the revision after the first. */
  #commitFirstOfEachStream(pending: readonly PendingAppend[]): PendingAppend[] {
    const time = this.#nextTime()
    const stage = () => this.#stageFirstOfEachStream(pending, time)
    const { staged, rest } = pending.length < FEW ? stage() : this.#log.table.inSnapshot(stage)
    if (staged.length > 0) this.#commit(staged, time)
    return rest
  }

  #stageFirstOfEachStream(pending: readonly PendingAppend[], time: string): Stage {
    const staged = new Map<string, StagedAppend>()
    const rest: PendingAppend[] = []
    let position = this.#log.head
    for (const append of pending) {
      if (staged.has(append.stream)) rest.push(append)
      else if (this.#isExpected(append)) {
        const written = toWritten(append, position, time)
        position += written.length
        staged.set(append.stream, { append, written })
      }
    }
    return { staged: [...staged.values()], rest }
  }

  #commit(staged: readonly StagedAppend[], time: string): void {
    try {
      this.#log.insert(
        staged.flatMap(({ written }) => written),
        time,
      )
    } catch (error) {
      this.#recoverFrom(error as Error)
      rejectAll(
        staged.map(({ append }) => append),
        error as Error,
      )
      return
    }
    this.#health.succeeded()
    for (const { append, written } of staged) append.resolve(resultOf(written.at(-1)?.event as RecordedEvent))
    if (this.#log.isIndexDue) this.#log.writeIndex()
  }

  #recoverFrom(error: Error): void {
    this.#health.failed(error)
    this.#isUnsettled = true
    try {
      this.#settle()
    } catch {
      // The next append tries again.
    }
  }

  #settle(): void {
    this.#log.reload()
    this.#isUnsettled = false
  }

  #isExpected(append: PendingAppend): boolean {
    try {
      const actual = this.#log.revisionOf(append.stream)
      if (actual !== append.expected) this.#resolveRepeated(append, actual)
      else if (append.events.length > 0) return true
      else append.resolve({ revision: actual, position: this.#log.head })
    } catch (error) {
      rejectAll([append], error as Error)
    }
    return false
  }

  /** The same ids at the same revisions are a repeated append. */
  #resolveRepeated({ stream, expected, events, resolve, reject }: PendingAppend, actual: number): void {
    const stored = actual > expected ? this.#log.streamPage(stream, expected + 1, 'forward', events.length) : []
    const isRepeated =
      stored.length === events.length && stored.every(({ id }, index) => id === events[index]?.event.id)
    const last = stored.at(-1)
    if (isRepeated && last !== undefined) resolve(resultOf(last))
    else reject(new WrongExpectedRevision(stream, expected, actual))
  }

  /** Never decreases, even if the clock does. */
  #nextTime(): string {
    const time = this.#now().toISOString()
    const { lastTime } = this.#log
    return time > lastTime ? time : lastTime
  }

  close(): void {
    this.#commitPending()
    this.#health.close()
  }
}

const toWritten = ({ stream, expected, events }: PendingAppend, after: number, now: string): WrittenEvent[] =>
  events.map(({ event: { id, type, data: value, metadata: about, time = now }, data, metadata }, index) => ({
    event: {
      position: after + 1 + index,
      stream,
      revision: expected + 1 + index,
      id,
      type,
      time,
      data: value,
      metadata: about,
    },
    data,
    metadata,
  }))

const resultOf = ({ revision, position }: RecordedEvent): AppendResult => ({ revision, position })

const rejectAll = (appends: readonly PendingAppend[], cause: Error): void => {
  const reason = cause instanceof StoreCorrupted ? 'the event log is damaged' : describeError(cause)
  for (const { reject } of appends)
    reject(new StoreUnavailable(`the event store could not write: ${reason}`, { cause }))
}
