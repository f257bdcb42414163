import type { Position } from '../../../schemas/events/recorded-event.ts'
import { type Hash, sha256 } from '../hash-chain/event-hash.ts'
import { type AuditPath, MerkleTree } from './merkle-tree.ts'

/** An event of the log, as far as a digest is concerned. */
export interface DigestEntry {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly hash: Hash
  /** RFC 3339. */
  readonly time: string
  /** Of its stream among all streams, in the order of their first events. */
  readonly place: number
}

/** The last event of a stream. */
export type StreamHead = Pick<DigestEntry, 'stream' | 'revision' | 'hash'>

/** How far a checkpoint goes. */
export interface Covered {
  /** How many events it covers, from the first on. */
  readonly events: number
  readonly logHash: Hash
}

/** What covering events has changed. */
export interface NewlyCovered extends Covered {
  /** Those that are covered now and were not before, oldest first. */
  readonly entries: readonly DigestEntry[]
}

/** Before the first checkpoint. */
export const NO_EVENTS: Covered = { events: 0, logHash: '0'.repeat(64) }

/** The leaf of a stream in the tree over all heads, in canonical JSON. */
export const headLeaf = ({ stream, revision, hash }: StreamHead): string =>
  `{"hash":"${hash}","revision":${revision},"stream":${JSON.stringify(stream)}}`

/**
 * Adds the log up, event by event in its order. What is added waits until a checkpoint covers it: which one does is known
 * only when it comes, as others append while one is made.
 */
export class LogDigest {
  readonly #tree = new MerkleTree()
  readonly #places = new Map<string, number>()
  /** Heads that are not in the tree yet, by place: many change again before anybody asks for its root. */
  readonly #changed = new Map<number, StreamHead>()
  #waiting: DigestEntry[] = []
  #covered: Covered

  /**
   * @param covered what the last checkpoint covers
   * @param heads the last event of each stream there, in the order in which the log has their first events
   */
  constructor(covered: Covered = NO_EVENTS, heads: Iterable<StreamHead> = []) {
    this.#covered = covered
    for (const head of heads) this.#changed.set(this.placeOf(head.stream), head)
  }

  /** Events that no checkpoint covers, oldest first. */
  get waiting(): readonly DigestEntry[] {
    return this.#waiting
  }

  /** How many events were added, those before a checkpoint that it began with included. */
  get events(): number {
    return this.#covered.events + this.#waiting.length
  }

  /** The tree over the heads of all streams, as far as they are covered. */
  get tree(): MerkleTree {
    for (const [place, head] of this.#changed) this.#tree.set(place, headLeaf(head))
    this.#changed.clear()
    return this.#tree
  }

  /** The place of a stream; a new one has the next. */
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
   * Takes the first `events` events as covered, and tells what a checkpoint over them says; the next one goes on from there.
   *
   * @throws RangeError where there are not that many, or fewer than are covered
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

  /** From the head of a stream that is covered to the root; undefined where there is no such stream. */
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
