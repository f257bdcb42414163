import { merge, type RecordPart, readPart, type VanflowRecord } from './record.ts'

/** Sources send a heartbeat every two seconds: one that has missed five is lost. */
export const LOST_AFTER_MS = 10_000
/** A router spreads its response to a FLUSH over a second. */
const FLUSH_ANSWER_MS = 1500
/** Doubled after each unanswered FLUSH. */
const FLUSH_RETRY_MS = 2000
/** A silent source's heartbeat may be two seconds away. */
const FLUSH_IDLE_MS = 500
/** Repeats FLUSHes after a response, because messages may be lost. */
const REFRESH_MS = 60_000
/** A new link may lose part of a response. */
const FIRST_REFRESH_MS = 3000
const MOST_RECORDS = 200_000

/** `idle`: nothing received; `syncing`: state incomplete; `synced`: all received; `lost`: silent. */
type Stage = 'idle' | 'syncing' | 'synced' | 'lost'

interface StoredRecord {
  record: VanflowRecord
  flush: number
}

interface SourceObserver {
  readonly flush: () => void
  readonly onRecords: (identities: readonly string[]) => void
  readonly onStage: () => void
  readonly onInvalid?: (part: RecordPart) => void
}

/** Times are milliseconds of one clock. */
export class VanflowSource {
  readonly #observer: SourceObserver
  readonly #records = new Map<string, StoredRecord>()
  #site: string | undefined
  #router: string | undefined
  #stage: Stage = 'idle'
  readonly #openedAt: number
  #receivedAt: number
  #flushes = 0
  #flushedAt: number
  #flushRetryMs = FLUSH_RETRY_MS
  #refreshMs = FIRST_REFRESH_MS
  /** The router's own record shows that the last FLUSH arrived. */
  #hasAnswered = false
  #hasInvalid = false

  constructor(now: number, observer: SourceObserver) {
    this.#observer = observer
    this.#openedAt = now
    this.#receivedAt = now
    this.#flushedAt = now
  }

  get isSettled(): boolean {
    return this.#stage === 'synced' || this.#stage === 'lost'
  }

  get isLost(): boolean {
    return this.#stage === 'lost'
  }

  isSilentSince(other: VanflowSource): boolean {
    return this.#receivedAt < other.#openedAt
  }

  silentForMs(now: number): number {
    return now - this.#receivedAt
  }

  get routerName(): string | undefined {
    return this.#router === undefined ? undefined : this.record(this.#router)?.texts.name
  }

  get siteName(): string | undefined {
    return this.#site === undefined ? undefined : this.record(this.#site)?.texts.name
  }

  entries(): Iterable<[string, { readonly record: VanflowRecord }]> {
    return this.#records
  }

  record(identity: string): VanflowRecord | undefined {
    return this.#records.get(identity)?.record
  }

  heartbeat(now: number): void {
    this.#received(now)
    if (this.#hasAnswered && now - this.#flushedAt >= FLUSH_ANSWER_MS) this.#synced()
  }

  applyRecords(now: number, records: readonly unknown[]): void {
    this.#received(now)
    const changed: string[] = []
    for (const value of records) {
      const part = readPart(value)
      if (part === undefined) continue
      if (part.invalid !== undefined && !this.#hasInvalid) {
        this.#hasInvalid = true
        this.#observer.onInvalid?.(part)
      }
      if (this.#apply(part)) changed.push(part.identity)
    }
    if (changed.length > 0) this.#observer.onRecords(changed)
  }

  #apply(part: RecordPart): boolean {
    const { identity } = part
    if (part.hasEnded) return this.#records.delete(identity)
    const stored = this.#records.get(identity)
    const record = merge(stored?.record, part)
    if (record === undefined) return false
    if (record.kind === 'router') {
      this.#hasAnswered = true
      this.#router = identity
    }
    if (record.kind === 'site') this.#site = identity
    if (stored === undefined) {
      if (this.#records.size >= MOST_RECORDS) return false
      this.#records.set(identity, { record, flush: this.#flushes })
      return true
    }
    const isChanged = stored.record !== record
    stored.record = record
    stored.flush = this.#flushes
    return isChanged
  }

  tick(now: number): void {
    if (this.#stage === 'lost') return
    if (this.silentForMs(now) >= LOST_AFTER_MS) {
      this.#lost()
      return
    }
    const waited = now - this.#flushedAt
    if (this.#stage === 'idle') {
      if (waited < FLUSH_IDLE_MS) return
      this.#flushedAt = now
      this.#observer.flush()
      return
    }
    if (!this.#hasAnswered) {
      if (waited >= this.#flushRetryMs) this.#flush(now)
    } else if (waited >= this.#refreshMs) {
      this.#refreshMs = Math.min(REFRESH_MS, this.#refreshMs * 2)
      this.#flush(now)
    }
  }

  #received(now: number): void {
    this.#receivedAt = now
    if (this.#stage !== 'idle' && this.#stage !== 'lost') return
    this.#stage = 'syncing'
    this.#refreshMs = FIRST_REFRESH_MS
    this.#flush(now)
  }

  #flush(now: number): void {
    const wasAnswered = this.#flushes === 0 || this.#hasAnswered
    this.#flushRetryMs = wasAnswered ? FLUSH_RETRY_MS : Math.min(REFRESH_MS, this.#flushRetryMs * 2)
    if (wasAnswered) this.#flushes += 1
    this.#flushedAt = now
    this.#hasAnswered = false
    this.#observer.flush()
  }

  #synced(): void {
    // A record that is absent since the FLUSH before the last has ended without a message.
    const stale = [...this.#records].filter(([, { flush }]) => flush < this.#flushes - 1)
    this.remove(stale.map(([identity]) => identity))
    if (this.#stage === 'synced') return
    this.#stage = 'synced'
    this.#observer.onStage()
  }

  #lost(): void {
    this.#stage = 'lost'
    this.#hasAnswered = false
    this.remove([...this.#records.keys()])
    this.#observer.onStage()
  }

  remove(identities: readonly string[]): void {
    for (const identity of identities) this.#records.delete(identity)
    if (identities.length > 0) this.#observer.onRecords(identities)
  }
}
