import { merge, readPart, type VanflowRecord } from './record.ts'

/** A source sends a heartbeat every two seconds: one that has missed five counts as lost. */
export const LOST_AFTER_MS = 10_000
/** A router spreads its answer to a FLUSH over a second. */
const ANSWER_MS = 1500
/** A FLUSH that nothing came of is sent again after so long, each time twice as long. */
const FLUSH_AGAIN_MS = 2000
/** A source that was not heard of yet is asked this often all the same: its heartbeat may be two seconds away. */
const ASK_UNHEARD_MS = 500
/** A source that has told everything is asked once more now and then, as a message may be lost. */
const REFRESH_MS = 60_000
/** One that was just met, or is back, is asked again sooner: over a link that has just come up part of an answer may be lost. */
const FIRST_REFRESH_MS = 3000
/** Beyond so many records of one source there is no keeping them. */
const MOST_RECORDS = 200_000

/** Where a source stands: nothing heard yet; telling its whole state; all of it told; not heard any more. */
type Stage = 'unheard' | 'telling' | 'settled' | 'lost'

interface Kept {
  record: VanflowRecord
  /** The FLUSH since which it was told last. */
  toldSince: number
}

export interface SourceObserver {
  /** To send: the source tells its whole state. */
  readonly flush: () => void
  /** These records came, changed or went. */
  readonly onRecords: (identities: readonly string[]) => void
  /** It has told everything, or is lost. */
  readonly onStage: () => void
}

/** All that one source tells, a router's VanFlow as a rule. Times are milliseconds of one clock. */
export class VanflowSource {
  readonly #observer: SourceObserver
  readonly #records = new Map<string, Kept>()
  #site: string | undefined
  #stage: Stage = 'unheard'
  #heardAt: number
  #flushes = 0
  #flushedAt = 0
  #flushAgainMs = FLUSH_AGAIN_MS
  #refreshMs = FIRST_REFRESH_MS
  /** Whether its router's own record came since the last FLUSH: what shows that it was heard. */
  #hasAnswered = false

  constructor(now: number, observer: SourceObserver) {
    this.#observer = observer
    this.#heardAt = now
    this.#flushedAt = now
  }

  get isSettled(): boolean {
    return this.#stage === 'settled' || this.#stage === 'lost'
  }

  get isLost(): boolean {
    return this.#stage === 'lost'
  }

  silentForMs(now: number): number {
    return now - this.#heardAt
  }

  /** The name of the site that its router is of, once that is told. */
  get siteName(): string | undefined {
    return this.#site === undefined ? undefined : this.record(this.#site)?.texts.name
  }

  entries(): Iterable<[string, { readonly record: VanflowRecord }]> {
    return this.#records
  }

  record(identity: string): VanflowRecord | undefined {
    return this.#records.get(identity)?.record
  }

  /** Anything at all came from it. */
  heard(now: number): void {
    this.#heardAt = now
    if (this.#stage !== 'unheard' && this.#stage !== 'lost') return
    this.#stage = 'telling'
    this.#refreshMs = FIRST_REFRESH_MS
    this.#flush(now)
  }

  heartbeat(now: number): void {
    this.heard(now)
    if (this.#hasAnswered && now - this.#flushedAt >= ANSWER_MS) this.#settle()
  }

  tell(now: number, records: readonly unknown[]): void {
    this.heard(now)
    const changed: string[] = []
    for (const value of records) {
      const part = readPart(value)
      if (part === undefined) continue
      const { identity, hasEnded } = part
      const kept = this.#records.get(identity)
      if (hasEnded) {
        if (this.#records.delete(identity)) changed.push(identity)
        continue
      }
      const record = merge(kept?.record, part)
      if (record === undefined) continue
      if (record.kind === 'router') this.#hasAnswered = true
      if (record.kind === 'site') this.#site = identity
      if (kept === undefined) {
        if (this.#records.size >= MOST_RECORDS) continue
        this.#records.set(identity, { record, toldSince: this.#flushes })
        changed.push(identity)
        continue
      }
      if (kept.record !== record) changed.push(identity)
      kept.record = record
      kept.toldSince = this.#flushes
    }
    if (changed.length > 0) this.#observer.onRecords(changed)
  }

  /** To be called now and then. */
  tick(now: number): void {
    if (this.#stage === 'lost') return
    if (this.silentForMs(now) >= LOST_AFTER_MS) {
      this.#lose()
      return
    }
    const waited = now - this.#flushedAt
    if (this.#stage === 'unheard') {
      if (waited < ASK_UNHEARD_MS) return
      this.#flushedAt = now
      this.#observer.flush()
      return
    }
    if (!this.#hasAnswered) {
      if (waited >= this.#flushAgainMs) this.#flush(now)
    } else if (waited >= this.#refreshMs) {
      this.#refreshMs = Math.min(REFRESH_MS, this.#refreshMs * 2)
      this.#flush(now)
    }
  }

  #flush(now: number): void {
    const wasAnswered = this.#flushes === 0 || this.#hasAnswered
    this.#flushAgainMs = wasAnswered ? FLUSH_AGAIN_MS : Math.min(REFRESH_MS, this.#flushAgainMs * 2)
    if (wasAnswered) this.#flushes += 1
    this.#flushedAt = now
    this.#hasAnswered = false
    this.#observer.flush()
  }

  #settle(): void {
    // What was not told since the FLUSH before the last one is gone, though its end was not heard of.
    const forgotten = [...this.#records].filter(([, { toldSince }]) => toldSince < this.#flushes - 1)
    this.#drop(forgotten.map(([identity]) => identity))
    if (this.#stage === 'settled') return
    this.#stage = 'settled'
    this.#observer.onStage()
  }

  #lose(): void {
    this.#stage = 'lost'
    this.#hasAnswered = false
    this.#drop([...this.#records.keys()])
    this.#observer.onStage()
  }

  #drop(identities: readonly string[]): void {
    for (const identity of identities) this.#records.delete(identity)
    if (identities.length > 0) this.#observer.onRecords(identities)
  }
}
