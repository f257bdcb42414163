import { randomInt } from 'node:crypto'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { StoreCorrupted, type TextReader } from '../../event-store/event-store.ts'
import { type Damage, damageOf } from './pages/page.ts'

/** Primes whose squares JavaScript's numbers hold exactly. */
const PRIMES = [67_108_859, 67_108_837] as const

/** Where the polynomials of folds are taken. */
export type FoldKey = readonly [number, number]

export const newFoldKey = (): FoldKey => [randomInt(2, PRIMES[0]), randomInt(2, PRIMES[1])]

/**
 * The revisions and positions of a stream's events, one after the other, as two numbers: those of another row of events are
 * others. They are what polynomials over prime fields come to at places that are drawn by lot each time, so that nobody can
 * make a row that comes to the same; two rows of a thousand events do with a probability of less than 1 to 10⁹.
 */
export class Fold {
  events = 0
  first = 0
  second = 0

  add([one, other]: FoldKey, revision: number, position: Position): void {
    const [p, q] = PRIMES
    this.first = (((this.first * one + revision) % p) * one + position) % p
    this.second = (((this.second * other + revision) % q) * other + position) % q
    this.events += 1
  }

  is({ events, first, second }: FoldedStream): boolean {
    return events === this.events && first === this.first && second === this.second
  }
}

/** A stream as the index of streams has it. */
export interface FoldedStream {
  readonly stream: string
  readonly events: number
  readonly first: number
  readonly second: number
}

/** An index of streams, folded. */
export interface FoldedIndex {
  readonly streams: readonly FoldedStream[]
  readonly damage: Damage | undefined
}

/** Folds an index of streams: it is read once, in its own order. */
export const foldIndex = (reader: TextReader, key: FoldKey): FoldedIndex => {
  const streams: FoldedStream[] = []
  let name = ''
  let fold = new Fold()
  const end = (): void => {
    const { events, first, second } = fold
    if (events > 0) streams.push({ stream: name, events, first, second })
  }
  try {
    for (const page of reader.index()) {
      for (const [stream, revision, position] of page) {
        if (stream !== name) {
          end()
          name = stream
          fold = new Fold()
        }
        fold.add(key, revision, position)
      }
    }
    end()
  } catch (error) {
    if (!(error instanceof StoreCorrupted)) throw error
    return { streams, damage: damageOf(error) }
  }
  return { streams, damage: undefined }
}
