import { BEGINNING, type Position, type RecordedEvent } from '../../../schemas/events/recorded-event.ts'
import { createLru } from '../../lib/lru.ts'
import { isHarkStream } from './hark-streams.ts'

const KNOWN_STREAMS = 100_000

/**
 * A node that was just elected answers readings before its index has everything that was acknowledged, also to a client that
 * asks for the leader. To take such an answer for the truth would be to decide on what is over.
 */
export class ServerLagging extends Error {
  override readonly name = 'ServerLagging'

  constructor(what: string) {
    super(`the server answers with less than it had: ${what}`)
  }
}

/** How far the log and its streams are known to go, from what this process was told. */
export class KnownEnds {
  readonly #revisions = createLru<string, number>(KNOWN_STREAMS)
  #position: Position = BEGINNING

  /** Of an event that is there. */
  record({ stream, revision, position }: Pick<RecordedEvent, 'stream' | 'revision' | 'position'>): void {
    this.#position = Math.max(this.#position, position)
    this.recordRevision(stream, revision)
  }

  recordRevision(stream: string, revision: number): void {
    if (!isHarkStream(stream) || revision <= (this.#revisions.get(stream) ?? -1)) return
    this.#revisions.set(stream, revision)
  }

  /** @throws Lag where a stream is said to end before an event that it has */
  assertRevision(stream: string, revision: number): void {
    const known = this.#revisions.get(stream) ?? -1
    if (revision < known)
      throw new ServerLagging(`${stream} goes up to revision ${known}, and was answered up to ${revision}`)
  }

  /** @throws Lag where the log is said to end before an event that it has */
  assertEnd(end: Position): void {
    if (end < this.#position)
      throw new ServerLagging(`the log goes up to position ${this.#position}, and was answered up to ${end}`)
  }
}
