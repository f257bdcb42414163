import type { ChangeBatch } from './types.ts'

/** A slower reader reads from disk. */
const CAPACITY = 1000
/** Batches between checks. */
const SWEEP_EVERY = 100
const WOKEN_AT_ONCE = 16
/** Batches that a reader gets as one, if they are there. */
const TOGETHER = 32

interface Link<T> {
  readonly number: number
  readonly batch?: ChangeBatch<T>
  next?: Link<T>
}

export class Channel<T> {
  readonly #onDeserted: () => void
  readonly #readers = new Set<ChannelReader<T>>()
  readonly #asleep = new Set<ChannelReader<T>>()
  #last: Link<T> = { number: 0 }
  #toWake = 0
  #isWaking = false
  #isClosed = false
  #failure: Error | undefined

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

  push(batch: ChangeBatch<T>): void {
    if (this.#isClosed) return
    const link: Link<T> = { number: this.#last.number + 1, batch }
    this.#last.next = link
    this.#last = link
    if (link.number % SWEEP_EVERY === 0) for (const reader of this.#readers) reader.dropIfTooSlow()
    this.#wakeAll()
  }

  /** Readers first read earlier batches, or throw the failure. */
  close(failure?: Error): void {
    this.#isClosed = true
    this.#failure ??= failure
    this.#wakeAll()
  }

  join(): ChannelReader<T> {
    const reader = new ChannelReader(this)
    this.#readers.add(reader)
    return reader
  }

  sleep(reader: ChannelReader<T>): void {
    this.#asleep.add(reader)
  }

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

export class ChannelReader<T> {
  readonly #channel: Channel<T>
  #place: Link<T>
  #end: Link<T> | undefined
  #hasOverflowed = false
  #wake: () => void = () => undefined

  constructor(channel: Channel<T>) {
    this.#channel = channel
    this.#place = channel.last
  }

  get hasOverflowed(): boolean {
    return this.#hasOverflowed
  }

  wake(): void {
    this.#wake()
  }

  dropIfTooSlow(): void {
    const last = this.#end ?? this.#channel.last
    if (last.number - this.#place.number <= CAPACITY) return
    this.#hasOverflowed = true
    this.close()
    // A link of the channel would hold all that follow.
    this.#place = this.#end = { number: last.number }
  }

  close(): void {
    this.#end ??= this.#channel.last
    this.#channel.leave(this)
    this.#wake()
  }

  async *read(): AsyncGenerator<ChangeBatch<T>> {
    try {
      while (true) {
        this.dropIfTooSlow()
        if (this.#hasOverflowed) return
        if (this.#channel.failure !== undefined) throw this.#channel.failure
        const batch = this.#take()
        if (batch !== undefined) yield batch
        else if (this.#end !== undefined || this.#channel.isClosed) return
        else await this.#change()
      }
    } finally {
      this.close()
    }
  }

  #take(): ChangeBatch<T> | undefined {
    const batches: ChangeBatch<T>[] = []
    while (batches.length < TOGETHER) {
      const next = this.#advance()
      if (next === undefined) break
      batches.push(next)
    }
    const last = batches.at(-1)
    if (last === undefined || batches.length === 1) return last
    return { position: last.position, values: batches.flatMap(({ values }) => values) }
  }

  #advance(): ChangeBatch<T> | undefined {
    const next = this.#place === this.#end ? undefined : this.#place.next
    if (next !== undefined) this.#place = next
    return next?.batch
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
      this.#channel.sleep(this)
    })
  }
}
