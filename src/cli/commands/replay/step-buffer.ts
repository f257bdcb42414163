import type { ChangeFragment } from '../../client/generated.ts'

/** Changes that one goes through, forward and back; they are fetched as they are needed, and kept. */
export class Steps {
  readonly #pages: AsyncIterator<readonly ChangeFragment[]>
  readonly #known: ChangeFragment[] = []
  #isComplete = false
  #at = -1

  constructor(pages: AsyncIterable<readonly ChangeFragment[]>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  /** Where one is, from 1. */
  get number(): number {
    return this.#at + 1
  }

  /** How many there are, as far as that is known. */
  get count(): { readonly known: number; readonly isAll: boolean } {
    return { known: this.#known.length, isAll: this.#isComplete }
  }

  /** The next one; undefined behind the last, where one stays. */
  async forward(): Promise<ChangeFragment | undefined> {
    while (this.#at + 1 >= this.#known.length && !this.#isComplete) {
      const { value, done } = await this.#pages.next()
      if (done) this.#isComplete = true
      else this.#known.push(...value)
    }
    if (this.#at + 1 >= this.#known.length) return undefined
    this.#at += 1
    return this.#known[this.#at]
  }

  /** The one before; undefined before the first, where one stays. */
  back(): ChangeFragment | undefined {
    if (this.#at <= 0) return undefined
    this.#at -= 1
    return this.#known[this.#at]
  }
}
