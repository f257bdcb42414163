import { createHash, type Hash as Hashing } from 'node:crypto'
import { canonicalJson } from '../../../schemas/canonical-json.ts'
import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { LOG_PREFIXES } from '../../../schemas/events/streams.ts'
import {
  type EventLocation,
  type EventStore,
  EventsMissing,
  StoreCorrupted,
  type WrittenLog,
} from '../../event-store/event-store.ts'
import { streamFilter } from '../../event-store/stream-filter.ts'
import { headLeaf, NO_EVENTS } from '../checkpoints/log-digest.ts'
import { MerkleTree } from '../checkpoints/merkle-tree.ts'
import type { SignedCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { eventHash, type Hash } from '../hash-chain/event-hash.ts'
import { type Finding, placeOf } from './finding.ts'
import { IndexCheck } from './index-check.ts'
import { Fold } from './index-fingerprint.ts'
import { openLogPages } from './pages/open.ts'
import { type Damage, HASH_LENGTH, type LogPage } from './pages/page.ts'
import { inWords, StreamHeads } from './stream-heads.ts'

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

/** A stream, as far as the walk has come. */
interface WalkedStream {
  readonly name: string
  /** Among all streams. */
  readonly number: number
  readonly isSigned: boolean
  readonly fold: Fold
  /** Of its last event; undefined where there was none yet. */
  revision: number | undefined
  position: Position
  isLinked: boolean
}

const isOfHark = streamFilter(LOG_PREFIXES)

/**
 * Goes through a log from its beginning and holds each event to the link of the one after it in its stream, and all of them
 * to the checkpoints. Memory grows with the number of streams.
 */
export class LogVerifier {
  readonly #store: EventStore
  readonly #options: WalkOptions
  /** Where there are none, there are no texts that could mean the same and be others. */
  readonly #written: WrittenLog | undefined
  readonly #findings: Finding[] = []
  readonly #streams = new Map<string, WalkedStream>()
  /** As of the texts that stand there; made again of what they mean where that is in doubt. */
  readonly #heads = new StreamHeads()
  readonly #ahead: SignedCheckpoint[]
  /** So many events are not looked at. */
  readonly #skipped: number
  /** Of the signed streams. */
  #passed = 0
  /** Of the last event that was passed. */
  #position: Position = BEGINNING
  /** What the next checkpoint would say of the log, as far as it was passed. */
  #digest: Hashing
  /** The first event that it would cover. */
  #uncovered: Position | undefined
  /** What the last one that was passed says, and the event that it goes up to. */
  #covered: { readonly logHash: Hash; readonly position: Position }
  /** Neither this checkpoint nor those since agree with the log. */
  #hasDisagreed = false
  #isTreeRight: boolean
  /** The places of what was found. */
  readonly #places = new Set<string>()
  /** The gap that ended the events so far, and its place among the findings. */
  #gap: { readonly from: Position; readonly to: Position; readonly at: number } | undefined

  constructor(store: EventStore, options: WalkOptions) {
    this.#store = store
    this.#written = store.written?.()
    this.#options = options
    const { checkpoints, since } = options
    const { events, logHash } = since?.data ?? NO_EVENTS
    this.#skipped = events
    this.#covered = { logHash, position: BEGINNING }
    this.#digest = createHash('sha256').update(logHash)
    this.#ahead = checkpoints.filter(({ data }) => data.events > events)
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
    // What no checkpoint covers is held to being events at all.
    if (this.#written !== undefined) await this.#readAgain(this.#covered.position, Number.POSITIVE_INFINITY)
    for (const { place, fault } of await index.findings(this.#streams)) this.#find(place, fault)
    for await (const { place, fault } of this.#store.check()) {
      signal.throwIfAborted()
      this.#find(placeOf(place), fault)
    }
    return { events: this.#passed, findings: this.#findings }
  }

  #streamOf(name: string): WalkedStream {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const stream = {
      name,
      number: this.#streams.size,
      isSigned: isOfHark(name),
      fold: new Fold(),
      revision: undefined,
      position: BEGINNING,
      isLinked: false,
    }
    this.#streams.set(name, stream)
    return stream
  }

  async #take(
    { streams, positions, revisions, hashes, links, signed, ends, damage }: LogPage,
    known: readonly WalkedStream[],
    index: IndexCheck,
  ): Promise<void> {
    const [hashWords, linkWords] = [inWords(hashes), inWords(links)]
    let digested = 0
    const digestUpTo = (end: number): void => {
      if (end > digested) this.#digest.update(signed.subarray(digested, end))
      digested = end
    }
    for (let at = 0; at < streams.length; at += 1) {
      const stream = known[streams[at] as number] as WalkedStream
      const [position, revision, end] = [positions[at] as number, revisions[at] as number, ends[at] as number]
      index.take(stream.fold, revision, position)
      if (!stream.isSigned) {
        digestUpTo(ends[at - 1] ?? 0)
        digested = end
      } else if (this.#passed < this.#skipped) {
        this.#passed += 1
        this.#covered = { ...this.#covered, position }
        digested = end
        continue
      } else this.#passed += 1
      const isLinked = links[at * HASH_LENGTH] !== 0
      const isSame = this.#heads.is(stream.number, linkWords, at)
      if (!this.#follows(stream, revision, isLinked, isSame)) {
        const link = Buffer.from(links.buffer, links.byteOffset + at * HASH_LENGTH, HASH_LENGTH).toString('latin1')
        await this.#question(stream, { position, revision, link: isLinked ? link : undefined })
      }
      this.#heads.take(stream.number, hashWords, at)
      stream.revision = revision
      stream.position = position
      stream.isLinked = isLinked
      if (!stream.isSigned) continue
      this.#position = position
      this.#uncovered ??= position
      while (this.#ahead[0]?.data.events === this.#passed) {
        digestUpTo(end)
        await this.#compare(this.#ahead.shift() as SignedCheckpoint)
      }
    }
    digestUpTo(signed.length)
    if (streams.length > 0) this.#gap = undefined
    if (damage !== undefined) this.#tellDamage(damage)
  }

  /** Whether an event is in its place, as far as can be told at once. */
  #follows(stream: WalkedStream, revision: number, isLinked: boolean, isLinkedToLast: boolean): boolean {
    // Of streams that go back to what is not looked at, the first event has nothing to be compared with.
    if (stream.revision === undefined) return this.#skipped > 0 || (revision === 0 && !isLinked)
    if (revision !== stream.revision + 1) return false
    return isLinked ? isLinkedToLast : !stream.isLinked
  }

  /** What is not as it should be at once may be so on a second look. */
  async #question(
    stream: WalkedStream,
    {
      position,
      revision,
      link,
    }: { readonly position: Position; readonly revision: number; readonly link: Hash | undefined },
  ): Promise<void> {
    const place = placeOf({ position, stream: stream.name, revision })
    const expected = (stream.revision ?? -1) + 1
    if (revision > expected) {
      const what =
        revision === expected + 1 ? `revision ${expected} is` : `revisions ${expected} to ${revision - 1} are`
      this.#find(place, `${what} missing before it: removed, or out of order`)
    } else if (stream.revision === undefined)
      this.#find(place, 'it has a link to an event before it, and there is none: removed')
    else if (revision < expected) this.#find(place, `revision ${expected} should be there: inserted, or out of order`)
    else if (link === undefined) this.#find(place, 'it has no link to the event before it, which has one')
    else await this.#questionLink(stream, link)
  }

  /** Another text may mean the same, and that is what counts: see canonical-json.ts. */
  async #questionLink({ name, number, revision, position }: WalkedStream, link: Hash): Promise<void> {
    this.#options.signal.throwIfAborted()
    const last: EventLocation = { position, stream: name, ...(revision !== undefined && { revision }) }
    if (this.#written !== undefined) {
      try {
        for await (const event of this.#store.readStream(name, { from: revision ?? 0, limit: 1 }))
          if (event.position === position) {
            this.#heads.put(number, eventHash(event))
            this.#checkText(event)
          }
      } catch (error) {
        if (!(error instanceof StoreCorrupted)) throw error
        this.#findOnce(placeOf(last), error.fault)
      }
    }
    if (this.#heads.of(number) === link) return
    const next = (revision ?? 0) + 1
    this.#find(placeOf(last), `it is not what revision ${next} of the stream says it is: one of the two was changed`)
  }

  /** Holds what was read for its texts to being events, and tells what they mean. */
  async #readAgain(after: Position, upTo: Position, onEvent: (event: RecordedEvent) => void = () => {}): Promise<void> {
    for (let from: Position | undefined = after; from !== undefined; ) {
      try {
        for await (const event of this.#store.readAll({ from, prefixes: LOG_PREFIXES })) {
          this.#options.signal.throwIfAborted()
          if (event.position > upTo) return
          this.#checkText(event)
          onEvent(event)
        }
        return
      } catch (error) {
        if (!(error instanceof StoreCorrupted)) throw error
        const { place, upTo: damaged } = error
        if ((place.position ?? 0) > upTo) return
        this.#findOnce(placeOf(place), error.fault)
        from = damaged
      }
    }
  }

  /** A text that means the same may be one of an older Hark's; it is none of any Hark's where a key stands there twice. */
  #checkText({ position, stream, revision }: RecordedEvent): void {
    const text = this.#written?.page(position - 1, position, 1).events[0]
    if (text !== undefined && !isAsWritten(text.json))
      this.#findOnce(placeOf({ position, stream, revision }), 'its text is not as Hark writes it: somebody changed it')
  }

  async #meaningSince({ logHash, position }: { readonly logHash: Hash; readonly position: Position }): Promise<Hash> {
    const digest = createHash('sha256').update(logHash)
    await this.#readAgain(position, this.#position, event => {
      const hash = eventHash(event)
      digest.update(hash + event.time)
      const stream = this.#streams.get(event.stream)
      if (stream !== undefined) this.#heads.put(stream.number, hash)
    })
    return digest.digest('hex')
  }

  async #compare({ id, data: { logHash, root } }: SignedCheckpoint): Promise<void> {
    let isRight = this.#digest.digest('hex') === logHash
    if (!isRight && this.#written !== undefined) isRight = (await this.#meaningSince(this.#covered)) === logHash
    if (!isRight && !this.#hasDisagreed) this.#disagree(id)
    this.#hasDisagreed = !isRight
    this.#covered = { logHash, position: this.#position }
    this.#uncovered = undefined
    this.#digest = createHash('sha256').update(logHash)
    this.#isTreeRight &&= isRight
    // It follows from the events: one look at the end tells whether proofs lead to it.
    const isLast = this.#ahead.length === 0
    if (this.#isTreeRight && isLast && this.#root() !== root)
      this.#find(`checkpoint ${id}`, 'its root is not that of the streams that it covers')
  }

  #root(): Hash {
    const tree = new MerkleTree()
    for (const { name: stream, number, isSigned, revision } of this.#streams.values())
      if (isSigned && revision !== undefined)
        tree.set(tree.size, headLeaf({ stream, revision, hash: this.#heads.of(number) }))
    return tree.root
  }

  /** Where an event is missing, none of the checkpoints behind it agrees: that is one finding. */
  #disagree(id: string): void {
    const from = this.#uncovered === undefined ? '' : `${placeOf({ position: this.#uncovered })} to `
    this.#find(
      from + placeOf({ position: this.#position }),
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
    this.#places.add(placeOf(gap.place))
  }

  #find(place: string, fault: string): void {
    this.#findings.push({ place, fault })
    this.#places.add(place)
  }

  /** Unless something of this place was found already. */
  #findOnce(place: string, fault: string): void {
    if (!this.#places.has(place)) this.#find(place, fault)
  }
}

/** A string, which is kept, or white space between two things, which says nothing. */
const STRINGS_AND_SPACE = /("(?:[^"\\]|\\.)*")|\s+/g

/** What is made of a text, written again, is that text; else something of it was passed over. */
const isAsWritten = (json: string): boolean => {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return false
  }
  const compact = json.replace(STRINGS_AND_SPACE, '$1')
  return compact === JSON.stringify(value) || compact === canonicalJson(value)
}
