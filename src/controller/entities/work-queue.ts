/** What is to be worked off: `first` before all else, `last` when nothing else is left. */
export type Lane = 'first' | 'middle' | 'last'

/**
 * Works off what it is given, so much at a time. Of the middle lane it takes the newest and the oldest in turn: a single
 * change does not wait until a bulk is done, and a bulk goes on whatever else comes.
 */
export class WorkQueue<Item> {
  readonly #atOnce: number
  readonly #work: (item: Item) => Promise<void>
  readonly #lanes: Readonly<Record<Lane, Line<Item>>> = { first: new Line(), middle: new Line(), last: new Line() }
  #running = 0
  #takesNewest = true

  /** @param work must not reject */
  constructor(atOnce: number, work: (item: Item) => Promise<void>) {
    this.#atOnce = atOnce
    this.#work = work
  }

  add(item: Item, lane: Lane): void {
    this.#lanes[lane].push(item)
    this.#fill()
  }

  /** Whether nothing waits but in the last lane. */
  get isAtLast(): boolean {
    return this.#lanes.first.isEmpty && this.#lanes.middle.isEmpty
  }

  #fill(): void {
    while (this.#running < this.#atOnce) {
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

/** Items in the order in which they came, to be taken from both ends. */
class Line<Item> {
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
    this.#forgetTaken()
    return item
  }

  takeNewest(): Item | undefined {
    if (this.isEmpty) return undefined
    const item = this.#items.pop()
    this.#forgetTaken()
    return item
  }

  #forgetTaken(): void {
    if (this.#begin < this.#items.length / 2) return
    this.#items = this.#items.slice(this.#begin)
    this.#begin = 0
  }
}
