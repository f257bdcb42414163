import type { Position } from '../../../schemas/events/recorded-event.ts'
import { type Hash, sha256 } from '../hash-chain/event-hash.ts'
import { type AuditPath, MerkleTree } from './merkle-tree.ts'

/** An event as a digest covers it. */
export interface DigestEntry {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly hash: Hash
  /** RFC 3339. */
  readonly time: string
  /** The index of its stream among all streams, in the order of their first events. */
  readonly place: number
}

/** The last event of a stream. */
export type StreamHead = Pick<DigestEntry, 'stream' | 'revision' | 'hash'>

export interface Covered {
  /** The number of events covered, from the first on. */
  readonly events: number
  readonly logHash: Hash
}

export interface NewlyCovered extends Covered {
  /** Covered now and not before, oldest first. */
  readonly entries: readonly DigestEntry[]
}

export const NO_EVENTS: Covered = { events: 0, logHash: '0'.repeat(64) }

/** The leaf of a stream in the tree of stream heads: canonical JSON. */
export const headLeaf = ({ stream, revision, hash }: StreamHead): string =>
  `{"hash":"${hash}","revision":${revision},"stream":${JSON.stringify(stream)}}`

/**
 * Digests the log event by event. Added events wait until a checkpoint covers them: other writers append while one is
 * signed, so its extent is known only when it arrives.
 */
export class LogDigest {
  readonly #tree = new MerkleTree()
  readonly #places = new Map<string, number>()
  /** By place. Put into the tree when it is read: many heads change several times before that. */
  readonly #changed = new Map<number, StreamHead>()
  #waiting: DigestEntry[] = []
  #covered: Covered

  /**
   * @param covered of the last checkpoint
   * @param heads the last event of each stream at that checkpoint, in the order of the streams' first events
   */
  constructor(covered: Covered = NO_EVENTS, heads: Iterable<StreamHead> = []) {
    this.#covered = covered
    for (const head of heads) this.#changed.set(this.placeOf(head.stream), head)
  }

  /** Not covered by a checkpoint, oldest first. */
  get waiting(): readonly DigestEntry[] {
    return this.#waiting
  }

  /** The number of covered and waiting events. */
  get events(): number {
    return this.#covered.events + this.#waiting.length
  }

  /** The tree of the covered stream heads. */
  get tree(): MerkleTree {
    for (const [place, head] of this.#changed) this.#tree.set(place, headLeaf(head))
    this.#changed.clear()
    return this.#tree
  }

  /** A new stream gets the next place. */
  placeOf(stream: string): number {
    const known = this.#places.get(stream)
    if (known !== undefined) return known
    this.#places.set(stream, this.#places.size)
    return this.#places.size - 1
  }

  add(entry: DigestEntry): void {
    this.#waiting.push(entry)
  }

  /**
   * Covers the log up to its first `events` events.
   *
   * @throws RangeError if fewer were added, or more are covered already
   */
  cover(events: number): NewlyCovered {
    const entries = this.#upTo(events)
    let text = this.#covered.logHash
    for (const { hash, time } of entries) text += hash + time
    const logHash = sha256(text)
    this.#waiting = this.#waiting.slice(entries.length)
    for (const entry of entries) this.#changed.set(entry.place, entry)
    this.#covered = { events, logHash }
    return { events, logHash, entries }
  }

  /** The path from a covered stream's head to the root; undefined if there is no such stream. */
  pathOf(stream: string): AuditPath | undefined {
    const place = this.#places.get(stream)
    return place === undefined || place >= this.tree.size ? undefined : this.tree.path(place)
  }

  #upTo(events: number): DigestEntry[] {
    const count = events - this.#covered.events
    if (count < 0 || count > this.#waiting.length)
      throw new RangeError(`${events} is not from ${this.#covered.events} to ${this.events}`)
    return this.#waiting.slice(0, count)
  }
}
