import type { Position } from '../../schemas/recorded-event.ts'
import { LOG_PREFIXES } from '../../schemas/streams.ts'
import { type EventStore, EventsMissing, StoreDamaged } from '../store/event-store.ts'
import { streamFilter } from '../store/stream-filter.ts'
import { eventHash, type Hash } from './event-hash.ts'
import { type Finding, placeOf } from './finding.ts'
import { IndexCheck } from './index-check.ts'
import { Fold } from './index-fold.ts'
import { type DigestEntry, LogDigest } from './log-digest.ts'
import type { Damage, LogPage } from './log-page.ts'
import { openLogPages } from './log-pages.ts'
import type { SignedCheckpoint } from './signed-checkpoints.ts'

export interface WalkOptions {
  /** Those of the log, in their order, with right signatures. */
  readonly checkpoints: readonly SignedCheckpoint[]
  /** What this one covers is taken as right. */
  readonly since?: SignedCheckpoint | undefined
  /** See `openLogPages`. */
  readonly threads?: number | undefined
  /** Told how far it is. */
  readonly onProgress: (position: Position, events: number) => void
  readonly signal: AbortSignal
}

export interface Walked {
  readonly events: number
  readonly findings: readonly Finding[]
}

interface Entry extends DigestEntry {
  /** As of the text that stands there; made again of what it means where that is in doubt. */
  hash: Hash
  isCertain: boolean
  /** What it says that the one before it in its stream is; empty where it says nothing. */
  readonly link: string
}

/** A stream, as far as the walk has come. */
interface WalkedStream {
  readonly name: string
  /** Among those that are signed; undefined where it is none of them. */
  readonly place: number | undefined
  last: Entry | undefined
  readonly fold: Fold
}

/** The place of streams that are not signed. */
const NOWHERE = -1

const isOfHark = streamFilter(LOG_PREFIXES)

/**
 * Goes through a log from its beginning and holds each event to the link of the one after it in its stream, and all of them
 * to the checkpoints. Memory grows with the number of streams, and with what one checkpoint covers.
 */
export class LogWalk {
  readonly #store: EventStore
  readonly #options: WalkOptions
  /** There are no texts that could mean the same and be others. */
  readonly #isCanonical: boolean
  readonly #findings: Finding[] = []
  readonly #digest: LogDigest
  readonly #streams = new Map<string, WalkedStream>()
  readonly #ahead: SignedCheckpoint[]
  /** So many events are not looked at. */
  readonly #skipped: number
  #passed = 0
  /** The first of neighbouring checkpoints that do not agree with the log, and where what it covers begins. */
  #disagreed: Position | undefined
  #isTreeRight = true
  /** The gap that ended the events so far, and its place among the findings. */
  #gap: { readonly from: Position; readonly to: Position; readonly at: number } | undefined

  constructor(store: EventStore, options: WalkOptions) {
    this.#store = store
    this.#isCanonical = store.written === undefined
    this.#options = options
    const { checkpoints, since } = options
    this.#skipped = since?.data.events ?? 0
    this.#digest = new LogDigest(since && { events: since.data.events, logHash: since.data.logHash })
    this.#ahead = checkpoints.filter(({ data }) => data.events > this.#skipped)
    this.#isTreeRight = since === undefined
  }

  async walk(): Promise<Walked> {
    const { signal, onProgress, threads } = this.#options
    await using log = openLogPages(this.#store, threads)
    const index = new IndexCheck(log.index)
    const known: WalkedStream[][] = []
    for await (const { page, reader } of log.pages()) {
      signal.throwIfAborted()
      known[reader] ??= []
      const streams = known[reader]
      for (const name of page.names) streams.push(this.#streamOf(name))
      await this.#take(page, streams, index)
      const last = page.positions.at(-1)
      if (last !== undefined) onProgress(last, this.#passed)
    }
    this.#tellMissing()
    await this.#readUnsigned()
    for (const { place, fault } of await index.findings(this.#streams)) this.#find(place, fault)
    return { events: this.#passed, findings: this.#findings }
  }

  #streamOf(name: string): WalkedStream {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const place = isOfHark(name) ? this.#digest.placeOf(name) : undefined
    const stream = { name, place, last: undefined, fold: new Fold() }
    this.#streams.set(name, stream)
    return stream
  }

  async #take(
    { streams, positions, revisions, hashes, links, times, damage }: LogPage,
    known: readonly WalkedStream[],
    index: IndexCheck,
  ): Promise<void> {
    for (const [at, hash] of hashes.entries()) {
      const stream = known[streams[at] as number] as WalkedStream
      const [position, revision] = [positions[at] as number, revisions[at] as number]
      index.take(stream.fold, revision, position)
      if (stream.place !== undefined) this.#passed += 1
      if (this.#passed <= this.#skipped) continue
      const { last } = stream
      const entry: Entry = {
        position,
        stream: stream.name,
        place: stream.place ?? NOWHERE,
        revision,
        time: times[at] as string,
        hash,
        link: links[at] as string,
        isCertain: this.#isCanonical,
      }
      stream.last = entry
      if (stream.place !== undefined) this.#digest.add(entry)
      if (!this.#follows(last, entry)) await this.#question(last, entry)
      while (this.#ahead[0]?.data.events === this.#passed) await this.#compare(this.#ahead.shift() as SignedCheckpoint)
    }
    if (hashes.length > 0) this.#gap = undefined
    if (damage !== undefined) this.#tellDamage(damage)
  }

  /** Whether an event is in its place, as far as can be told at once. */
  #follows(last: Entry | undefined, { revision, link }: Entry): boolean {
    // Of streams that go back to what is not looked at, the first event has nothing to be compared with.
    if (last === undefined) return revision === 0 || this.#skipped > 0
    if (revision !== last.revision + 1) return false
    return link === '' ? last.link === '' : link === last.hash
  }

  /** What is not as it should be at once may be so on a second look. */
  async #question(last: Entry | undefined, entry: Entry): Promise<void> {
    const place = placeOf(entry)
    const { revision, link } = entry
    const expected = (last?.revision ?? -1) + 1
    if (revision > expected) {
      const what =
        revision === expected + 1 ? `revision ${expected} is` : `revisions ${expected} to ${revision - 1} are`
      this.#find(place, `${what} missing before it: removed, or out of order`)
    } else if (revision < expected) this.#find(place, `revision ${expected} should be there: inserted, or out of order`)
    else if (link === '') this.#find(place, 'it has no link to the event before it, which has one')
    else if (last !== undefined) await this.#questionLink(last, link)
  }

  async #questionLink(last: Entry, link: string): Promise<void> {
    await this.#makeCertain(last)
    if (link === last.hash) return
    const next = last.revision + 1
    this.#find(placeOf(last), `it is not what revision ${next} of the stream says it is: one of the two was changed`)
  }

  /** Another text may mean the same, and that is what counts: see canonical-json.ts. */
  async #makeCertain(entry: Entry): Promise<void> {
    this.#options.signal.throwIfAborted()
    if (entry.isCertain) return
    entry.isCertain = true
    const { stream, revision } = entry
    try {
      for await (const event of this.#store.readStream(stream, { from: revision, limit: 1 }))
        if (event.position === entry.position) entry.hash = eventHash(event)
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      this.#find(placeOf(entry), error.fault)
    }
  }

  /** What no checkpoint covers is held to being events at all. */
  async #readUnsigned(): Promise<void> {
    const [first] = this.#digest.waiting
    if (first === undefined || this.#isCanonical) return
    const known = new Set(this.#findings.map(({ place }) => place))
    for (let from: Position | undefined = first.position - 1; from !== undefined; ) {
      try {
        for await (const _ of this.#store.readAll({ from, prefixes: LOG_PREFIXES }))
          this.#options.signal.throwIfAborted()
        return
      } catch (error) {
        if (!(error instanceof StoreDamaged)) throw error
        const place = placeOf(error.place)
        if (!known.has(place)) this.#find(place, error.fault)
        from = error.upTo
      }
    }
  }

  async #compare({ id, data: { events, logHash, root } }: SignedCheckpoint): Promise<void> {
    const count = events - this.#digest.covered.events
    const entries = this.#digest.waiting.slice(0, count) as Entry[]
    let isRight = this.#digest.logHashAt(events) === logHash
    if (!isRight) {
      for (const entry of entries) await this.#makeCertain(entry)
      isRight = this.#digest.logHashAt(events) === logHash
    }
    this.#digest.cover(events, logHash)
    if (isRight) this.#disagreed = undefined
    else this.#disagree(id, entries)
    this.#isTreeRight &&= isRight
    // It follows from the events: one look at the end tells whether proofs lead to it.
    const isLast = this.#ahead.length === 0
    if (this.#isTreeRight && isLast && this.#digest.tree.root !== root)
      this.#find(`checkpoint ${id}`, 'its root is not that of the streams that it covers')
  }

  /** Where an event is missing, none of the checkpoints behind it agrees: that is one finding. */
  #disagree(id: string, entries: readonly Entry[]): void {
    if (this.#disagreed !== undefined) return
    const [first, last] = [entries[0]?.position, entries.at(-1)?.position]
    this.#disagreed = first
    const from = first === undefined ? 'its place' : placeOf({ position: first })
    const to = last === undefined ? '' : ` to ${placeOf({ position: last })}`
    this.#find(
      `${from}${to}`,
      `these events are not what checkpoint ${id} says: one was changed, removed, inserted or put elsewhere`,
    )
  }

  #tellMissing(): void {
    const [first] = this.#ahead
    if (first === undefined) return
    const fault = `it covers ${first.data.events} events, and the log has ${this.#passed}: its end was cut off, or events were removed`
    this.#find(`checkpoint ${first.id}`, fault)
  }

  /** A gap may come in parts, of which each is told when it is come by. */
  #tellDamage({ place, fault, missingTo }: Damage): void {
    const { position } = place
    if (missingTo === undefined || position === undefined) {
      this.#gap = undefined
      this.#find(placeOf(place), fault)
      return
    }
    const from = this.#gap?.to === position - 1 ? this.#gap.from : position
    const at = from === position ? this.#findings.length : (this.#gap?.at as number)
    this.#gap = { from, to: missingTo, at }
    const gap = new EventsMissing(from, missingTo)
    this.#findings[at] = { place: placeOf(gap.place), fault: gap.fault }
  }

  #find(place: string, fault: string): void {
    this.#findings.push({ place, fault })
  }
}
