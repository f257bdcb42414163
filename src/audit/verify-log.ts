import { BEGINNING, type Position } from '../../schemas/recorded-event.ts'
import { type EventStore, type EventText, StoreDamaged } from '../store/event-store.ts'
import { eventHash, type Hash, sha256 } from './event-hash.ts'
import { eventTexts } from './event-texts.ts'
import { type Finding, placeOf } from './finding.ts'
import { type DigestEntry, LogDigest } from './log-digest.ts'
import type { SignedCheckpoint } from './signed-checkpoints.ts'

export interface WalkOptions {
  /** Those of the log, in their order, with right signatures. */
  readonly checkpoints: readonly SignedCheckpoint[]
  /** What this one covers is taken as right. */
  readonly since?: SignedCheckpoint | undefined
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
  readonly isLinked: boolean
  /** The one before it in its stream, until there is one after it. */
  before: Entry | undefined
}

const LINK = '"previousHash":"'

/**
 * Where an event seems to say what the one before it is; -1 where it does not. Metadata is the last place that can hold
 * these characters, whose quotes are escaped within texts.
 */
const linkIn = (json: string): number => {
  const at = json.lastIndexOf(LINK)
  return at === -1 ? -1 : at + LINK.length
}

/**
 * Goes through a log from its beginning and holds each event to the link of the one after it in its stream, and all of them
 * to the checkpoints. Memory grows with the number of streams, and with what one checkpoint covers.
 */
export class LogWalk {
  readonly #store: EventStore
  readonly #options: WalkOptions
  readonly #findings: Finding[] = []
  readonly #digest: LogDigest
  /** By the place of the stream. */
  readonly #last: (Entry | undefined)[] = []
  readonly #ahead: SignedCheckpoint[]
  /** So many events are not looked at. */
  readonly #skipped: number
  #passed = 0
  /** The first of neighbouring checkpoints that do not agree with the log, and where what it covers begins. */
  #disagreed: Position | undefined
  #isTreeRight = true

  constructor(store: EventStore, options: WalkOptions) {
    this.#store = store
    this.#options = options
    const { checkpoints, since } = options
    this.#skipped = since?.data.events ?? 0
    this.#digest = new LogDigest(since && { events: since.data.events, logHash: since.data.logHash })
    this.#ahead = checkpoints.filter(({ data }) => data.events > this.#skipped)
    this.#isTreeRight = since === undefined
  }

  async walk(): Promise<Walked> {
    for (let from: Position | undefined = BEGINNING; from !== undefined; ) from = await this.#walkFrom(from)
    this.#tellMissing()
    for (const entry of this.#digest.waiting as readonly Entry[]) await this.#makeCertain(entry)
    const fault = await this.#store.indexFault?.()
    if (fault !== undefined) this.#find('the index of streams', fault)
    return { events: this.#passed, findings: this.#findings }
  }

  /** Tells where to go on behind what is damaged; undefined where the log has ended. */
  async #walkFrom(from: Position): Promise<Position | undefined> {
    const { signal, onProgress } = this.#options
    try {
      for await (const texts of eventTexts(this.#store, from)) {
        signal.throwIfAborted()
        for (const text of texts) {
          if (!this.#take(text)) await this.#question(text)
          while (this.#ahead[0]?.data.events === this.#passed)
            await this.#compare(this.#ahead.shift() as SignedCheckpoint)
        }
        const last = texts.at(-1)
        if (last !== undefined) onProgress(last.position, this.#passed)
      }
      return undefined
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      this.#find(placeOf(error.place), error.fault)
      return error.upTo
    }
  }

  /** Whether an event is in its place, as far as can be told at once. */
  #take({ position, stream, revision, time, json }: EventText): boolean {
    this.#passed += 1
    if (this.#passed <= this.#skipped) return true
    const place = this.#digest.placeOf(stream)
    const before = this.#last[place]
    const link = linkIn(json)
    const entry = {
      position,
      stream,
      place,
      revision,
      time,
      hash: sha256(json),
      isCertain: this.#store.readTexts === undefined,
      isLinked: link !== -1,
      before,
    }
    if (before !== undefined) before.before = undefined
    this.#last[place] = entry
    this.#digest.add(entry)
    // Of streams that go back to what is not looked at, the first event has nothing to be compared with.
    if (before === undefined) return revision === 0 || this.#skipped > 0
    if (revision !== before.revision + 1) return false
    return link === -1 ? !before.isLinked : json.startsWith(before.hash, link)
  }

  /** What is not as it should be at once may be so on a second look. */
  async #question({ position, stream, revision, json }: EventText): Promise<void> {
    const place = placeOf({ position, stream, revision })
    const before = this.#last[this.#digest.placeOf(stream)]?.before
    const expected = (before?.revision ?? -1) + 1
    if (revision > expected) {
      const what =
        revision === expected + 1 ? `revision ${expected} is` : `revisions ${expected} to ${revision - 1} are`
      this.#find(place, `${what} missing before it: removed, or out of order`)
    } else if (revision < expected) this.#find(place, `revision ${expected} should be there: inserted, or out of order`)
    else if (before !== undefined) await this.#questionLink(place, before, json)
  }

  async #questionLink(place: string, before: Entry, json: string): Promise<void> {
    const link = linkIn(json)
    if (link === -1) {
      this.#find(place, 'it has no link to the event before it, which has one')
      return
    }
    await this.#makeCertain(before)
    if (json.startsWith(before.hash, link)) return
    const next = before.revision + 1
    this.#find(placeOf(before), `it is not what revision ${next} of the stream says it is: one of the two was changed`)
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

  #find(place: string, fault: string): void {
    this.#findings.push({ place, fault })
  }
}
