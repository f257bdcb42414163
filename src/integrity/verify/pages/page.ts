import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { EventsMissing, type EventText, type StoreCorrupted } from '../../../event-store/event-store.ts'
import { sha256 } from '../../hash-chain/event-hash.ts'

/** What could not be read, and where. */
export interface Damage {
  readonly place: StoreCorrupted['place']
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
  /** Of each `HASH_LENGTH` hexadecimal digits. */
  readonly hashes: Uint8Array<ArrayBuffer>
  /** As long: what each says that the one before it in its stream is; zeros where it says nothing. */
  readonly links: Uint8Array<ArrayBuffer>
  /** What a checkpoint signs of them: of each its hash and its time, as UTF-8. */
  readonly signed: Uint8Array<ArrayBuffer>
  /** Where each ends there. */
  readonly ends: Int32Array
  /** What is behind the last of them, instead of an event. */
  readonly damage: Damage | undefined
}

/** Of SHA-256 in hexadecimal digits. */
export const HASH_LENGTH = 64
const LINK = '"previousHash":"'

/** Metadata is the last place of a text that can hold these characters: quotes are escaped within texts. */
const writeLink = (json: string, links: Buffer, at: number): void => {
  const begin = json.lastIndexOf(LINK)
  if (begin !== -1) links.write(json.substr(begin + LINK.length, HASH_LENGTH), at, HASH_LENGTH, 'latin1')
}

export const damageOf = (error: StoreCorrupted): Damage => ({
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
    const [hashes, links] = [Buffer.alloc(HASH_LENGTH * texts.length), Buffer.alloc(HASH_LENGTH * texts.length)]
    const lengths = texts.map(({ time }) => HASH_LENGTH + Buffer.byteLength(time))
    const signed = Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0))
    const ends = new Int32Array(texts.length)
    let end = 0
    for (const [at, { stream, position, revision, time, json }] of texts.entries()) {
      streams[at] = this.#numberOf(stream, names)
      positions[at] = position
      revisions[at] = revision
      const hash = sha256(json)
      hashes.write(hash, at * HASH_LENGTH, 'latin1')
      writeLink(json, links, at * HASH_LENGTH)
      signed.write(hash, end, 'latin1')
      signed.write(time, end + HASH_LENGTH)
      end += lengths[at] as number
      ends[at] = end
    }
    return { names, streams, positions, revisions, hashes, links, signed, ends, damage }
  }

  #numberOf(stream: string, names: string[]): number {
    const known = this.#numbers.get(stream)
    if (known !== undefined) return known
    names.push(stream)
    this.#numbers.set(stream, this.#numbers.size)
    return this.#numbers.size - 1
  }
}
