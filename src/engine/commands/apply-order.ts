import type { Endpoint } from './resource-registry.ts'

/** One manifest of a batch, as far as hosts and ports go. */
export interface Move {
  /** Of its resource. */
  readonly stream: string
  /** What the resource holds before it, and after it; those of one resource follow one another. */
  readonly from?: Endpoint | undefined
  readonly to?: Endpoint | undefined
}

/** What is done at once: manifests by their index, or a listener that makes way for another for a moment. */
export type Action = { readonly index: number; readonly makesWay?: Endpoint }

export interface Order {
  /** One after the other; what stands in one of them may be done in any order. */
  readonly waves: readonly (readonly Action[])[]
  /** The manifests that want what another listener keeps, and the stream of that listener. */
  readonly refused: readonly { readonly index: number; readonly holder: string }[]
}

/** Where a listener may stay while listeners change places; undefined where there is no place. */
export type FindPlace = (near: Endpoint, isTaken: (stream: string) => boolean) => Endpoint | undefined

/**
 * Finds an order in which every listener of a batch finds its host and port free: who leaves goes before who comes.
 * Where listeners change places in a circle, one of them makes way first.
 *
 * @param holders the stream of the listener that holds an endpoint, by the endpoint's stream
 */
export const orderMoves = (moves: readonly Move[], holders: ReadonlyMap<string, string>, findPlace: FindPlace): Order =>
  new Ordering(moves, holders, findPlace).order()

class Ordering {
  readonly #moves: readonly Move[]
  readonly #holders: Map<string, string>
  readonly #findPlace: FindPlace
  readonly #waves: Action[][] = []
  /** Of each resource, what is left to do, in order. */
  readonly #left = new Map<string, number[]>()
  readonly #ready: number[] = []
  /** By the endpoint that they want. */
  readonly #waiting = new Map<string, number[]>()
  /** The wave in which a resource was last changed, or an endpoint was last freed. */
  readonly #lastWave = new Map<string, number>()
  /** Where a listener is that made way. */
  readonly #madeWay = new Map<string, Endpoint>()

  constructor(moves: readonly Move[], holders: ReadonlyMap<string, string>, findPlace: FindPlace) {
    this.#moves = moves
    this.#holders = new Map(holders)
    this.#findPlace = findPlace
    for (const [index, { stream }] of moves.entries()) {
      const left = this.#left.get(stream)
      if (left !== undefined) left.push(index)
      else {
        this.#left.set(stream, [index])
        this.#ready.push(index)
      }
    }
  }

  order(): Order {
    do {
      for (let index = this.#ready.shift(); index !== undefined; index = this.#ready.shift()) this.#try(index)
    } while (this.#breakCircle())
    const refused = [...this.#waiting].flatMap(([endpoint, indexes]) =>
      indexes.map(index => ({ index, holder: this.#holders.get(endpoint) as string })),
    )
    return { waves: this.#waves, refused: refused.sort((a, b) => a.index - b.index) }
  }

  #try(index: number): void {
    const { stream, to } = this.#moves[index] as Move
    const holder = to && this.#holders.get(to.stream)
    if (to === undefined || holder === undefined || holder === stream) return this.#do(index)
    const waiting = this.#waiting.get(to.stream)
    if (waiting === undefined) this.#waiting.set(to.stream, [index])
    else waiting.push(index)
  }

  #do(index: number): void {
    const { stream, to } = this.#moves[index] as Move
    const from = this.#madeWay.get(stream) ?? this.#moves[index]?.from
    this.#madeWay.delete(stream)
    this.#add({ index }, stream, to)
    this.#take(stream, from, to)
    const left = this.#left.get(stream) as number[]
    left.shift()
    if (left[0] !== undefined) this.#ready.push(left[0])
  }

  /** In the first wave after those that it depends on. */
  #add(action: Action, stream: string, to: Endpoint | undefined): void {
    const after = [stream, ...(to === undefined ? [] : [to.stream])].map(key => this.#lastWave.get(key) ?? -1)
    const wave = Math.max(...after) + 1
    this.#lastWave.set(stream, wave)
    while (this.#waves.length <= wave) this.#waves.push([])
    this.#waves[wave]?.push(action)
  }

  #take(stream: string, from: Endpoint | undefined, to: Endpoint | undefined): void {
    if (from?.stream === to?.stream) return
    if (from !== undefined) {
      this.#holders.delete(from.stream)
      this.#lastWave.set(from.stream, this.#lastWave.get(stream) as number)
      const next = this.#waiting.get(from.stream)?.shift()
      if (this.#waiting.get(from.stream)?.length === 0) this.#waiting.delete(from.stream)
      if (next !== undefined) this.#ready.push(next)
    }
    if (to !== undefined) this.#holders.set(to.stream, stream)
  }

  /** True where one of a circle has made way, so that the others can go on. */
  #breakCircle(): boolean {
    const blocked = new Map([...this.#waiting.values()].flat().map(index => [this.#streamOf(index), index]))
    const seen = new Set<string>()
    for (const start of blocked.keys()) {
      const path = new Set<string>()
      let stream: string | undefined = start
      while (stream !== undefined && !seen.has(stream)) {
        seen.add(stream)
        path.add(stream)
        const wanted: Endpoint | undefined = this.#wanted(blocked.get(stream))
        stream = wanted && this.#holders.get(wanted.stream)
        if (stream !== undefined && path.has(stream)) return this.#makeWay(blocked.get(stream) as number)
      }
    }
    return false
  }

  #makeWay(index: number): boolean {
    const { stream, from } = this.#moves[index] as Move
    const place = from && this.#findPlace(from, endpoint => this.#holders.has(endpoint))
    if (place === undefined) return false
    this.#madeWay.set(stream, place)
    this.#add({ index, makesWay: place }, stream, place)
    this.#take(stream, from, place)
    return true
  }

  #streamOf(index: number): string {
    return (this.#moves[index] as Move).stream
  }

  #wanted(index: number | undefined): Endpoint | undefined {
    return index === undefined ? undefined : this.#moves[index]?.to
  }
}
