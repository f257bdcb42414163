export type Lane = 'first' | 'middle' | 'last'

/**
 * Alternates between the newest and oldest of the middle lane: neither a single change nor a bulk waits for the other.
 */
export class WorkQueue<Item> {
  readonly #concurrency: number
  readonly #work: (item: Item) => Promise<void>
  readonly #lanes: Readonly<Record<Lane, Deque<Item>>> = { first: new Deque(), middle: new Deque(), last: new Deque() }
  #running = 0
  #takesNewest = true

  constructor(concurrency: number, work: (item: Item) => Promise<void>) {
    this.#concurrency = concurrency
    this.#work = work
  }

  add(item: Item, lane: Lane): void {
    this.#lanes[lane].push(item)
    this.#fill()
  }

  get isAtLast(): boolean {
    return this.#lanes.first.isEmpty && this.#lanes.middle.isEmpty
  }

  #fill(): void {
    while (this.#running < this.#concurrency) {
      const item = this.#next()
      if (item === undefined) return
      this.#running += 1
      void this.#work(item).finally(() => {
        this.#running -= 1
        this.#fill()
      })
    }
  }

  #next(): Item | undefined {
    const { first, middle, last } = this.#lanes
    if (!first.isEmpty) return first.takeOldest()
    if (middle.isEmpty) return last.takeOldest()
    this.#takesNewest = !this.#takesNewest
    return this.#takesNewest ? middle.takeNewest() : middle.takeOldest()
  }
}

class Deque<Item> {
  #items: Item[] = []
  #begin = 0

  get isEmpty(): boolean {
    return this.#begin === this.#items.length
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  takeOldest(): Item | undefined {
    if (this.isEmpty) return undefined
    const item = this.#items[this.#begin]
    this.#begin += 1
    this.#dropTaken()
    return item
  }

  takeNewest(): Item | undefined {
    if (this.isEmpty) return undefined
    const item = this.#items.pop()
    this.#dropTaken()
    return item
  }

  #dropTaken(): void {
    if (this.#begin < this.#items.length / 2) return
    this.#items = this.#items.slice(this.#begin)
    this.#begin = 0
  }
}
