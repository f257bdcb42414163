import type { DocumentNode, ExecutionArgs } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { OperationContext } from './context.ts'

/** Characters of all kept texts. */
const CAPACITY = 16_000_000
const MAX_KEY_LENGTH = 4096

interface Group {
  members: number
  readonly texts: WeakMap<object, CachedText>
}

interface CachedText {
  text: Promise<string> | string | undefined
}

export interface GroupMember {
  text(value: unknown, render: () => Promise<string>): Promise<string> | string
  leave(): void
}

const UNSHARED: GroupMember = { text: (_, render) => render(), leave: () => undefined }

/**
 * Serializes a change once for equal documents, variables and grants: the engine emits the same object to each
 * subscriber.
 */
export class SharedResults {
  readonly #groups = new Map<string, Group>()
  readonly #documentIds = new WeakMap<DocumentNode, number>()
  readonly #cached = new LRUCache<CachedText, string>({
    maxSize: CAPACITY,
    sizeCalculation: text => text.length + 1,
    dispose: (_, cached) => {
      cached.text = undefined
    },
  })
  #lastId = 0

  get size(): number {
    return this.#groups.size
  }

  join(args: ExecutionArgs, { principal }: OperationContext): GroupMember {
    const { document, operationName, variableValues } = args
    const key = JSON.stringify([this.#idOf(document), operationName, variableValues, principal.grants])
    if (key.length > MAX_KEY_LENGTH) return UNSHARED
    const group = this.#groups.get(key) ?? { members: 0, texts: new WeakMap() }
    group.members += 1
    this.#groups.set(key, group)
    let hasLeft = false
    return {
      text: (value, render) => {
        if (group.members === 1 || typeof value !== 'object' || value === null) return render()
        return this.#textOf(group, value, render)
      },
      leave: () => {
        if (hasLeft) return
        hasLeft = true
        group.members -= 1
        if (group.members === 0) this.#groups.delete(key)
      },
    }
  }

  #textOf(group: Group, value: object, render: () => Promise<string>): Promise<string> | string {
    const cached = group.texts.get(value) ?? { text: undefined }
    if (cached.text !== undefined) return cached.text
    group.texts.set(value, cached)
    cached.text = render().then(text => {
      cached.text = text
      this.#cached.set(cached, text)
      return text
    })
    return cached.text
  }

  /** Equal texts are one document while the parser cache holds it. */
  #idOf(document: DocumentNode): number {
    const known = this.#documentIds.get(document)
    if (known !== undefined) return known
    this.#lastId += 1
    this.#documentIds.set(document, this.#lastId)
    return this.#lastId
  }
}
