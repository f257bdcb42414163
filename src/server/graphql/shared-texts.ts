import type { DocumentNode, ExecutionArgs } from 'graphql'
import type { OperationContext } from './context.ts'

/** Characters of all texts that are kept; who reads late has its text made again. */
const CAPACITY = 16_000_000
/** Who subscribes with more has nobody to share with. */
const LONGEST_KEY = 4096

/** Subscribers who are sent the same text for the same change. */
interface Group {
  readers: number
  readonly texts: WeakMap<object, Kept>
}

interface Kept {
  text: Promise<string> | string | undefined
  length: number
}

/** How a subscriber comes by its texts. */
export interface Rendering {
  /** @param render makes the text, where nobody made it before */
  text(value: unknown, render: () => Promise<string>): Promise<string> | string
  /** To be called once nothing more is rendered. */
  leave(): void
}

const ALONE: Rendering = { text: (_, render) => render(), leave: () => undefined }

/**
 * Makes the text of a change once for all who subscribed with the same document and variables and may see the same:
 * the engine gives each of them the very same object for it.
 */
export class SharedTexts {
  readonly #groups = new Map<string, Group>()
  readonly #numbers = new WeakMap<DocumentNode, number>()
  readonly #kept = new Set<Kept>()
  #lastNumber = 0
  #characters = 0

  /** Groups that somebody is in. */
  get size(): number {
    return this.#groups.size
  }

  join(args: ExecutionArgs, { principal }: OperationContext): Rendering {
    const { document, operationName, variableValues } = args
    const key = JSON.stringify([this.#numberOf(document), operationName, variableValues, principal.grants])
    if (key.length > LONGEST_KEY) return ALONE
    const group = this.#groups.get(key) ?? { readers: 0, texts: new WeakMap() }
    group.readers += 1
    this.#groups.set(key, group)
    let hasLeft = false
    return {
      text: (value, render) => {
        if (group.readers === 1 || typeof value !== 'object' || value === null) return render()
        return this.#textOf(group, value, render)
      },
      leave: () => {
        if (hasLeft) return
        hasLeft = true
        group.readers -= 1
        if (group.readers === 0) this.#groups.delete(key)
      },
    }
  }

  #textOf(group: Group, value: object, render: () => Promise<string>): Promise<string> | string {
    const known = group.texts.get(value)
    if (known?.text !== undefined) return known.text
    const kept: Kept = known ?? { text: undefined, length: 0 }
    kept.text = render().then(text => {
      this.#keep(kept, text)
      return text
    })
    group.texts.set(value, kept)
    return kept.text
  }

  #keep(kept: Kept, text: string): void {
    kept.text = text
    kept.length = text.length
    this.#characters += text.length
    this.#kept.add(kept)
    for (const oldest of this.#kept) {
      if (this.#characters <= CAPACITY) return
      this.#kept.delete(oldest)
      this.#characters -= oldest.length
      oldest.text = undefined
    }
  }

  /** Two documents of the same text are one, as far as they are kept: see documents.ts. */
  #numberOf(document: DocumentNode): number {
    const known = this.#numbers.get(document)
    if (known !== undefined) return known
    this.#lastNumber += 1
    this.#numbers.set(document, this.#lastNumber)
    return this.#lastNumber
  }
}
