import type { Endpoint } from './resource-definition.ts'

interface Move {
  readonly stream: string
  readonly from?: Endpoint | undefined
  readonly to?: Endpoint | undefined
}

export interface Action {
  readonly index: number
  readonly makesWay?: Endpoint
}

export interface Order {
  readonly waves: readonly (readonly Action[])[]
  /** Moves to an endpoint that the stream `holder` keeps. */
  readonly refused: readonly { readonly index: number; readonly holder: string }[]
}

type FindFree = (near: Endpoint, isTaken: (stream: string) => boolean) => Endpoint | undefined

/** In a cycle of moves one listener makes way first. */
export const orderMoves = (moves: readonly Move[], holders: ReadonlyMap<string, string>, findFree: FindFree): Order =>
  new Ordering(moves, holders, findFree).order()

class Ordering {
  readonly #moves: readonly Move[]
  readonly #holders: Map<string, string>
  readonly #findFree: FindFree
  readonly #waves: Action[][] = []
  readonly #left = new Map<string, number[]>()
  readonly #ready: number[] = []
  readonly #waiting = new Map<string, number[]>()
  readonly #lastWave = new Map<string, number>()
  readonly #madeWay = new Map<string, Endpoint>()

  constructor(moves: readonly Move[], holders: ReadonlyMap<string, string>, findFree: FindFree) {
    this.#moves = moves
    this.#holders = new Map(holders)
    this.#findFree = findFree
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
    } while (this.#breakCycle())
    const refused = [...this.#waiting].flatMap(([endpoint, indexes]) =>
      indexes.map(index => ({ index, holder: this.#holders.get(endpoint) as string })),
    )
    return { waves: this.#waves, refused: refused.sort((a, b) => a.index - b.index) }
  }

  #try(index: number): void {
    const { stream, to } = this.#moves[index] as Move
    const holder = to && this.#holders.get(to.stream)
    if (to === undefined || holder === undefined || holder === stream) return this.#move(index)
    const waiting = this.#waiting.get(to.stream)
    if (waiting === undefined) this.#waiting.set(to.stream, [index])
    else waiting.push(index)
  }

  #move(index: number): void {
    const { stream, to } = this.#moves[index] as Move
    const from = this.#madeWay.get(stream) ?? this.#moves[index]?.from
    this.#madeWay.delete(stream)
    this.#add({ index }, stream, to)
    this.#take(stream, from, to)
    const left = this.#left.get(stream) as number[]
    left.shift()
    if (left[0] !== undefined) this.#ready.push(left[0])
  }

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

  #breakCycle(): boolean {
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
    const free = from && this.#findFree(from, endpoint => this.#holders.has(endpoint))
    if (free === undefined) return false
    this.#madeWay.set(stream, free)
    this.#add({ index, makesWay: free }, stream, free)
    this.#take(stream, from, free)
    return true
  }

  #streamOf(index: number): string {
    return (this.#moves[index] as Move).stream
  }

  #wanted(index: number | undefined): Endpoint | undefined {
    return index === undefined ? undefined : this.#moves[index]?.to
  }
}
