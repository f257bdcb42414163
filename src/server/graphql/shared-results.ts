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
  /** Resolves to undefined if the result is not shared. */
  text: Promise<string | undefined> | string | undefined
}

const textOf = async (render: Render): Promise<string> => (await render()).text

export interface RenderedResult {
  readonly text: string
  readonly hasErrors: boolean
}

type Render = () => Promise<RenderedResult>

export interface GroupMember {
  text(value: unknown, render: Render): Promise<string> | string
  /** The text, if another member had it rendered. */
  known(value: unknown): string | undefined
  leave(): void
}

const UNSHARED: GroupMember = {
  text: (_, render) => textOf(render),
  known: () => undefined,
  leave: () => undefined,
}

/** Equal documents, variables and grants share a text: the engine emits the same object to each subscriber. */
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
        if (group.members === 1 || typeof value !== 'object' || value === null) return textOf(render)
        return this.#textOf(group, value, render)
      },
      known: value => {
        const text = typeof value === 'object' && value !== null ? group.texts.get(value)?.text : undefined
        return typeof text === 'string' ? text : undefined
      },
      leave: () => {
        if (hasLeft) return
        hasLeft = true
        group.members -= 1
        if (group.members === 0) this.#groups.delete(key)
      },
    }
  }

  #textOf(group: Group, value: object, render: Render): Promise<string> | string {
    const cached = group.texts.get(value) ?? { text: undefined }
    if (typeof cached.text === 'string') return cached.text
    if (cached.text !== undefined) return cached.text.then(text => text ?? textOf(render))
    group.texts.set(value, cached)
    const rendered = render()
    cached.text = rendered.then(
      ({ text, hasErrors }) => {
        cached.text = hasErrors ? undefined : text
        if (hasErrors) return undefined
        this.#cached.set(cached, text)
        return text
      },
      () => {
        cached.text = undefined
        return undefined
      },
    )
    return rendered.then(({ text }) => text)
  }

  #idOf(document: DocumentNode): number {
    const known = this.#documentIds.get(document)
    if (known !== undefined) return known
    this.#lastId += 1
    this.#documentIds.set(document, this.#lastId)
    return this.#lastId
  }
}
