import type { Position } from '../../../schemas/events/recorded-event.ts'
import type { Finding } from './finding.ts'
import { type Fold, type FoldedIndex, type FoldedStream, newFoldKey } from './index-fingerprint.ts'
import type { StreamIndex } from './pages/open.ts'

const PLACE = 'the index of streams'

/** Holds the index of streams to the log: each of its streams is to lead to that stream's events, and to nothing else. */
export class IndexCheck {
  readonly #index: StreamIndex | undefined
  readonly #key = newFoldKey()
  readonly #folded: Promise<FoldedIndex> | undefined

  /** @param index undefined where there is none, and none is needed */
  constructor(index: StreamIndex | undefined) {
    this.#index = index
    this.#folded = index?.fold(this.#key)
    // Whoever gives up the log does not come to wait for this.
    this.#folded?.catch(() => undefined)
  }

  /** Takes an event of the log as one that the index is to lead to. */
  take(fold: Fold, revision: number, position: Position): void {
    if (this.#index !== undefined && position <= this.#index.upTo) fold.add(this.#key, revision, position)
  }

  /** @param expected by the names of streams */
  async findings(expected: ReadonlyMap<string, { readonly fold: Fold }>): Promise<Finding[]> {
    if (this.#index === undefined || this.#folded === undefined) return []
    const findings: Finding[] = []
    const tell = (fault: string): void => void findings.push({ place: PLACE, fault })
    const hidden = this.#index.hidden()
    if (hidden > 0) tell(`${hidden} events stand before the beginning of the log`)
    const { streams, damage } = await this.#folded
    if (damage === undefined) this.#compare(streams, expected, tell)
    else tell(damage.fault)
    return findings
  }

  #compare(
    streams: readonly FoldedStream[],
    expected: ReadonlyMap<string, { readonly fold: Fold }>,
    tell: (fault: string) => void,
  ): void {
    const there = new Set(streams.map(({ stream }) => stream))
    const isRight = (folded: FoldedStream): boolean => expected.get(folded.stream)?.fold.is(folded) === true
    const wrong = streams.filter(folded => !isRight(folded)).map(({ stream }) => stream)
    for (const [name, { fold }] of expected) if (fold.events > 0 && !there.has(name)) wrong.push(name)
    const others = wrong.length > 1 ? `, nor do those of ${wrong.length - 1} other streams` : ''
    if (wrong.length > 0) tell(`what it has of ${wrong[0]} does not lead to the events of that stream${others}`)
  }
}
