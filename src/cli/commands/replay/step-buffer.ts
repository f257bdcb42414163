import type { ChangeFragment } from '../../client/generated.ts'

export class StepBuffer {
  readonly #pages: AsyncIterator<readonly ChangeFragment[]>
  readonly #known: ChangeFragment[] = []
  #isComplete = false
  #at = -1

  constructor(pages: AsyncIterable<readonly ChangeFragment[]>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  get number(): number {
    return this.#at + 1
  }

  get count(): { readonly known: number; readonly isAll: boolean } {
    return { known: this.#known.length, isAll: this.#isComplete }
  }

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

  back(): ChangeFragment | undefined {
    if (this.#at <= 0) return undefined
    this.#at -= 1
    return this.#known[this.#at]
  }
}
