const CAPACITY = 1000
/** Documents that clients send over and over are short; what is longer would only push many of them out. */
const LONGEST = 16_384

/** Keeps what was made of the documents that were new last. */
export class DocumentCache<Value> {
  readonly #values = new Map<string, Value>()

  get(document: string): Value | undefined {
    return this.#values.get(document)
  }

  set(document: string, value: Value): void {
    if (document.length > LONGEST) return
    if (this.#values.size >= CAPACITY) this.#values.delete(this.#values.keys().next().value as string)
    this.#values.set(document, value)
  }
}
