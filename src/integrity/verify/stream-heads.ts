import type { Hash } from '../hash-chain/event-hash.ts'
import { HASH_LENGTH } from './pages/page.ts'

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT
const WORDS = HASH_LENGTH / WORD_BYTES

/** As many hashes as there are in a page, as words: those are compared and copied sooner than texts. */
export const inWords = ({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Int32Array =>
  new Int32Array(buffer, byteOffset, length / WORD_BYTES)

/** The hash of the last event of each stream, by the number of the stream. */
export class StreamHeads {
  #words = new Int32Array(WORDS * 1024)

  /** Takes one of many hashes. */
  take(stream: number, hashes: Int32Array, at: number): void {
    this.#reserve(stream)
    for (let word = 0; word < WORDS; word += 1) this.#words[stream * WORDS + word] = hashes[at * WORDS + word] as number
  }

  put(stream: number, hash: Hash): void {
    this.#reserve(stream)
    this.#bytesOf(stream).write(hash, 'latin1')
  }

  /** Whether it is one of many hashes. */
  is(stream: number, hashes: Int32Array, at: number): boolean {
    for (let word = 0; word < WORDS; word += 1)
      if (this.#words[stream * WORDS + word] !== hashes[at * WORDS + word]) return false
    return true
  }

  of(stream: number): Hash {
    return this.#bytesOf(stream).toString('latin1')
  }

  #bytesOf(stream: number): Buffer {
    return Buffer.from(this.#words.buffer, stream * HASH_LENGTH, HASH_LENGTH)
  }

  #reserve(stream: number): void {
    if ((stream + 1) * WORDS <= this.#words.length) return
    const more = new Int32Array(this.#words.length * 2)
    more.set(this.#words)
    this.#words = more
  }
}
