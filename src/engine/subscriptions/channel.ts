import type { ChangeBatch } from './catch-up-subscription.ts'

/** What may wait for a slow reader. It reads on from the past instead: see `follow`. */
const CAPACITY = 1000
/** So often a channel looks for readers that have fallen behind: those keep what waits for them in memory. */
const SWEEP_EVERY = 100
/** So many readers are woken at once: others have the event loop before the next ones. */
const WOKEN_AT_ONCE = 16

/** What was told, and what came next: once every reader has read it, nothing holds it any more. */
interface Link<T> {
  readonly number: number
  readonly told?: ChangeBatch<T>
  next?: Link<T>
}

/** What live readers of one thing are given, made once for all of them. A slow reader costs its place, and no copy. */
export class Channel<T> {
  readonly #onDeserted: () => void
  readonly #readers = new Set<ChannelReader<T>>()
  readonly #asleep = new Set<ChannelReader<T>>()
  #last: Link<T> = { number: 0 }
  /** How many of those who are asleep, from the one on who has been for longest, have something to read. */
  #toWake = 0
  #isWaking = false
  #isClosed = false
  #failure: Error | undefined

  /** @param onDeserted called when the last reader has left */
  constructor(onDeserted: () => void = () => undefined) {
    this.#onDeserted = onDeserted
  }

  get last(): Link<T> {
    return this.#last
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  push(told: ChangeBatch<T>): void {
    if (this.#isClosed) return
    const link: Link<T> = { number: this.#last.number + 1, told }
    this.#last.next = link
    this.#last = link
    if (link.number % SWEEP_EVERY === 0) for (const reader of this.#readers) reader.giveUpPlace()
    this.#wakeAll()
  }

  /** What was pushed before is still read; with a failure readers are thrown it instead. */
  close(failure?: Error): void {
    this.#isClosed = true
    this.#failure ??= failure
    this.#wakeAll()
  }

  /** A reader of what is pushed from now on. It must be closed at the end. */
  join(): ChannelReader<T> {
    const reader = new ChannelReader(this)
    this.#readers.add(reader)
    return reader
  }

  /** For readers: has this one woken with the next change. */
  sleep(reader: ChannelReader<T>): void {
    this.#asleep.add(reader)
  }

  /** For readers: this one reads no more. */
  leave(reader: ChannelReader<T>): void {
    this.#asleep.delete(reader)
    if (this.#readers.delete(reader) && this.#readers.size === 0) this.#onDeserted()
  }

  #wakeAll(): void {
    this.#toWake = this.#asleep.size
    if (!this.#isWaking) this.#wakeSome()
  }

  #wakeSome(): void {
    let woken = 0
    for (const reader of this.#asleep) {
      if (woken === WOKEN_AT_ONCE || this.#toWake === 0) break
      this.#asleep.delete(reader)
      this.#toWake -= 1
      woken += 1
      reader.wake()
    }
    this.#isWaking = this.#toWake > 0 && this.#asleep.size > 0
    if (this.#isWaking) setImmediate(() => this.#wakeSome())
  }
}

/** One reader's place in a channel. */
export class ChannelReader<T> {
  readonly #channel: Channel<T>
  #place: Link<T>
  /** Where the reader left. */
  #end: Link<T> | undefined
  #isOverfull = false
  #wake: () => void = () => undefined

  constructor(channel: Channel<T>) {
    this.#channel = channel
    this.#place = channel.last
  }

  /** More came than a reader may let wait: it is given nothing more, not even what waited. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  wake(): void {
    this.#wake()
  }

  /** Lets go of what waits for a reader that has fallen too far behind. */
  giveUpPlace(): void {
    const last = this.#end ?? this.#channel.last
    if (last.number - this.#place.number <= CAPACITY) return
    this.#isOverfull = true
    this.#place = last
    this.close()
  }

  /** Ends the reading: what was pushed before is still read. */
  close(): void {
    this.#end ??= this.#channel.last
    this.#channel.leave(this)
    this.#wake()
  }

  async *read(): AsyncGenerator<ChangeBatch<T>> {
    try {
      while (true) {
        this.giveUpPlace()
        if (this.#isOverfull) return
        if (this.#channel.failure !== undefined) throw this.#channel.failure
        const next = this.#place === this.#end ? undefined : this.#place.next
        if (next?.told !== undefined) {
          this.#place = next
          yield next.told
        } else if (this.#end !== undefined || this.#channel.isClosed) return
        else await this.#change()
      }
    } finally {
      this.close()
    }
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
      this.#channel.sleep(this)
    })
  }
}
