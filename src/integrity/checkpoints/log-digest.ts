import type { Position } from '../../../schemas/events/recorded-event.ts'
import { type Hash, sha256 } from '../hash-chain/event-hash.ts'
import { type AuditPath, MerkleTree } from './merkle-tree.ts'

interface DigestEntry {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly hash: Hash
  readonly time: string
  readonly place: number
}

export type StreamHead = Pick<DigestEntry, 'stream' | 'revision' | 'hash'>

export interface Covered {
  readonly events: number
  readonly logHash: Hash
}

export interface NewlyCovered extends Covered {
  readonly entries: readonly DigestEntry[]
}

export const NO_EVENTS: Covered = { events: 0, logHash: '0'.repeat(64) }

export const headLeaf = ({ stream, revision, hash }: StreamHead): string =>
  `{"hash":"${hash}","revision":${revision},"stream":${JSON.stringify(stream)}}`

/** Other writers may append while a checkpoint is signed. */
export class LogDigest {
  readonly #tree = new MerkleTree()
  readonly #places = new Map<string, number>()
  /** Keyed by place. Deferred until the tree is read, because heads change often. */
  readonly #changed = new Map<number, StreamHead>()
  #waiting: DigestEntry[] = []
  /** Entries before it are covered. They are removed together: a late checkpoint waits behind many events. */
  #begin = 0
  #covered: Covered

  constructor(covered: Covered = NO_EVENTS) {
    this.#covered = covered
  }

  /** @param heads covered ones, in the order of first events */
  restore(heads: readonly StreamHead[]): void {
    for (const head of heads) this.#tree.set(this.placeOf(head.stream), headLeaf(head))
    this.#tree.settle()
  }

  get waiting(): number {
    return this.#waiting.length - this.#begin
  }

  get events(): number {
    return this.#covered.events + this.waiting
  }

  get tree(): MerkleTree {
    for (const [place, head] of this.#changed) this.#tree.set(place, headLeaf(head))
    this.#changed.clear()
    return this.#tree
  }

  placeOf(stream: string): number {
    const known = this.#places.get(stream)
    if (known !== undefined) return known
    this.#places.set(stream, this.#places.size)
    return this.#places.size - 1
  }

  add(entry: DigestEntry): void {
    this.#waiting.push(entry)
  }

  /** @throws RangeError if fewer events were added or more are already covered */
  cover(events: number): NewlyCovered {
    const entries = this.#upTo(events)
    let text = this.#covered.logHash
    for (const { hash, time } of entries) text += hash + time
    const logHash = sha256(text)
    this.#remove(entries.length)
    for (const entry of entries) this.#changed.set(entry.place, entry)
    this.#covered = { events, logHash }
    return { events, logHash, entries }
  }

  #remove(count: number): void {
    this.#begin += count
    if (this.#begin < this.#waiting.length / 2) return
    this.#waiting = this.#waiting.slice(this.#begin)
    this.#begin = 0
  }

  pathOf(stream: string): AuditPath {
    return this.tree.path(this.placeOf(stream))
  }

  #upTo(events: number): DigestEntry[] {
    const count = events - this.#covered.events
    if (count < 0 || count > this.waiting)
      throw new RangeError(`${events} is not from ${this.#covered.events} to ${this.events}`)
    return this.#waiting.slice(this.#begin, this.#begin + count)
  }
}
