import type { Position } from '../../schemas/recorded-event.ts'
import { EventsMissing, type EventText, type StoreDamaged } from '../store/event-store.ts'
import { type Hash, sha256 } from './event-hash.ts'

/** What could not be read, and where. */
export interface Damage {
  readonly place: StoreDamaged['place']
  readonly fault: string
  /** Where it is that events are missing: up to and including this position. */
  readonly missingTo?: Position
}

/** Some events of the log, in its order: in columns, which are soon handed over from one thread to another. */
export interface LogPage {
  /** Of the streams that none of the pages before it had. A stream is known by its number among all of these names. */
  readonly names: readonly string[]
  readonly streams: Int32Array
  readonly positions: Float64Array
  readonly revisions: Float64Array
  readonly hashes: readonly Hash[]
  /** What each says that the one before it in its stream is; empty where it says nothing. */
  readonly links: readonly string[]
  readonly times: readonly string[]
  /** What is behind the last of them, instead of an event. */
  readonly damage: Damage | undefined
}

const HASH_LENGTH = 64
const LINK = '"previousHash":"'

/** Metadata is the last place of a text that can hold these characters: quotes are escaped within texts. */
const linkIn = ({ json }: EventText): string => {
  const at = json.lastIndexOf(LINK)
  return at === -1 ? '' : json.substr(at + LINK.length, HASH_LENGTH)
}

export const damageOf = (error: StoreDamaged): Damage => ({
  place: error.place,
  fault: error.fault,
  ...(error instanceof EventsMissing && { missingTo: error.to }),
})

/** Makes pages of texts, and numbers their streams. */
export class PageWriter {
  readonly #numbers = new Map<string, number>()

  write(texts: readonly EventText[], damage?: Damage): LogPage {
    const names: string[] = []
    const streams = new Int32Array(texts.length)
    const positions = new Float64Array(texts.length)
    const revisions = new Float64Array(texts.length)
    const [hashes, links, times]: [Hash[], string[], string[]] = [[], [], []]
    for (const [at, text] of texts.entries()) {
      streams[at] = this.#numberOf(text.stream, names)
      positions[at] = text.position
      revisions[at] = text.revision
      hashes.push(sha256(text.json))
      links.push(linkIn(text))
      times.push(text.time)
    }
    return { names, streams, positions, revisions, hashes, links, times, damage }
  }

  #numberOf(stream: string, names: string[]): number {
    const known = this.#numbers.get(stream)
    if (known !== undefined) return known
    names.push(stream)
    this.#numbers.set(stream, this.#numbers.size)
    return this.#numbers.size - 1
  }
}
