import type { RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import {
  type AppendResult,
  type EventToAppend,
  StoreCorrupted,
  StoreUnavailable,
  type StreamAppend,
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

interface Part {
  readonly stream: string
  readonly expected: number
  readonly events: readonly SerializedEvent[]
}

const partOf = ({ stream, expectedRevision, events }: StreamAppend): Part => ({
  stream,
  expected: expectedRevision,
  events: serializeAppend(stream, events),
})

/** Parts for different streams, which are written together or not at all. */
interface PendingAppend {
  readonly parts: readonly Part[]
  resolve(results: readonly AppendResult[]): void
  reject(error: Error): void
}

interface StagedAppend {
  readonly append: PendingAppend
  readonly results: readonly AppendResult[]
}

interface Stage {
  readonly staged: readonly StagedAppend[]
  readonly written: readonly WrittenEvent[]
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

  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    return new Promise((resolve, reject) =>
      this.#enqueue([{ stream, expectedRevision, events }], ([result]) => resolve(result as AppendResult), reject),
    )
  }

  appendAll(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => this.#enqueue(appends, resolve, reject))
  }

  #enqueue(appends: readonly StreamAppend[], resolve: PendingAppend['resolve'], reject: PendingAppend['reject']): void {
    this.#log.assertOpen()
    const parts = appends.map(partOf)
    if (this.#pending.length === 0) setImmediate(() => this.#commitOnceComplete(1))
    this.#pending.push({ parts, resolve, reject })
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
    const { staged, written, rest } = pending.length < FEW ? stage() : this.#log.table.inSnapshot(stage)
    if (staged.length > 0) this.#commit(staged, written, time)
    return rest
  }

  #stageFirstOfEachStream(pending: readonly PendingAppend[], time: string): Stage {
    const streams = new Set<string>()
    const staged: StagedAppend[] = []
    const written: WrittenEvent[] = []
    const rest: PendingAppend[] = []
    for (const append of pending) {
      if (append.parts.some(({ stream }) => streams.has(stream))) rest.push(append)
      else if (this.#isExpected(append)) {
        const results = append.parts.map(part => {
          streams.add(part.stream)
          return this.#stage(part, written, time)
        })
        staged.push({ append, results })
      }
    }
    return { staged, written, rest }
  }

  #stage({ stream, expected, events }: Part, written: WrittenEvent[], now: string): AppendResult {
    let revision = expected
    for (const { event, data, metadata } of events) {
      const { id, type, data: value, metadata: about, time = now } = event
      const position = this.#log.head + written.length + 1
      revision += 1
      written.push({
        event: { position, stream, revision, id, type, time, data: value, metadata: about },
        data,
        metadata,
      })
    }
    return { revision, position: this.#log.head + written.length }
  }

  #commit(staged: readonly StagedAppend[], written: readonly WrittenEvent[], time: string): void {
    try {
      this.#log.insert(written, time)
    } catch (error) {
      this.#recoverFrom(error as Error)
      rejectAll(
        staged.map(({ append }) => append),
        error as Error,
      )
      return
    }
    this.#health.succeeded()
    for (const { append, results } of staged) append.resolve(results)
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

  /** Settles what needs no write. */
  #isExpected(append: PendingAppend): boolean {
    const { parts, resolve, reject } = append
    try {
      const actual = parts.map(({ stream }) => this.#log.revisionOf(stream))
      const wrong = parts.findIndex(({ expected }, index) => expected !== actual[index])
      if (wrong === -1 && parts.some(({ events }) => events.length > 0)) return true
      const results = parts.map((part, index) => this.#resultOf(part, actual[index] as number))
      if (results.every(result => result !== undefined)) resolve(results)
      else {
        const { stream, expected } = parts[wrong] as Part
        reject(new WrongExpectedRevision(stream, expected, actual[wrong] as number))
      }
    } catch (error) {
      rejectAll([append], error as Error)
    }
    return false
  }

  /** The same ids at the same revisions are a repeated append. */
  #resultOf({ stream, expected, events }: Part, actual: number): AppendResult | undefined {
    if (events.length === 0 && actual === expected) return { revision: actual, position: this.#log.head }
    const stored = actual > expected ? this.#log.streamPage(stream, expected + 1, 'forward', events.length) : []
    const isRepeated =
      stored.length === events.length && stored.every(({ id }, index) => id === events[index]?.event.id)
    const last = stored.at(-1)
    return isRepeated && last !== undefined ? resultOf(last) : undefined
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

const resultOf = ({ revision, position }: RecordedEvent): AppendResult => ({ revision, position })

const rejectAll = (appends: readonly PendingAppend[], cause: Error): void => {
  const reason = cause instanceof StoreCorrupted ? 'the event log is damaged' : describeError(cause)
  for (const { reject } of appends)
    reject(new StoreUnavailable(`the event store could not write: ${reason}`, { cause }))
}
