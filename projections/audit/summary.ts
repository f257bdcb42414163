import type { AuditedResource } from './describe-event.ts'
import type { AuditEntry } from './entry.ts'

export interface Counted<Key> {
  readonly key: Key
  readonly count: number
}

/** Bounds memory: further keys share one count. */
export class BoundedCounter<Key> {
  readonly #most: number
  readonly #counts = new Map<string, { readonly key: Key; count: number }>()
  #others = 0

  constructor(most: number) {
    this.#most = most
  }

  add(text: string, key: Key): void {
    const known = this.#counts.get(text)
    if (known !== undefined) known.count += 1
    else if (this.#counts.size < this.#most) this.#counts.set(text, { key, count: 1 })
    else this.#others += 1
  }

  largest(most: number): { readonly counted: readonly Counted<Key>[]; readonly others: number } {
    const sorted = [...this.#counts.values()].sort((one, other) => other.count - one.count)
    const rest = sorted.slice(most).reduce((sum, { count }) => sum + count, this.#others)
    return { counted: sorted.slice(0, most).map(({ key, count }) => ({ key, count })), others: rest }
  }
}

const MOST_COUNTED = 10_000
const MOST_SHOWN = 100

interface RefusalKey {
  readonly actor: string
  readonly code: string
}

interface CountedBy<Key> {
  /** Descending; at most 100. */
  readonly counted: readonly Counted<Key>[]
  readonly others: number
}

export interface AuditCounts {
  readonly entries: number
  readonly changes: number
  readonly refusals: number
  readonly observations: number
  readonly changesByActor: CountedBy<string>
  readonly changesByResource: CountedBy<AuditedResource>
  readonly refusalsByActor: CountedBy<RefusalKey>
}

export class AuditSummary {
  readonly #results = { Done: 0, Refused: 0, Observed: 0 }
  readonly #actors = new BoundedCounter<string>(MOST_COUNTED)
  readonly #resources = new BoundedCounter<AuditedResource>(MOST_COUNTED)
  readonly #refusals = new BoundedCounter<RefusalKey>(MOST_COUNTED)

  add({ result, actor, resource, refusal }: AuditEntry): void {
    this.#results[result] += 1
    if (result === 'Done') {
      const { kind, namespace = '', name = '' } = resource
      this.#actors.add(actor, actor)
      this.#resources.add(`${kind} ${namespace} ${name}`, resource)
    } else if (refusal !== undefined) {
      const { code } = refusal
      this.#refusals.add(`${code} ${actor}`, { actor, code })
    }
  }

  get counts(): AuditCounts {
    const { Done: changes, Refused: refusals, Observed: observations } = this.#results
    return {
      entries: changes + refusals + observations,
      changes,
      refusals,
      observations,
      changesByActor: this.#actors.largest(MOST_SHOWN),
      changesByResource: this.#resources.largest(MOST_SHOWN),
      refusalsByActor: this.#refusals.largest(MOST_SHOWN),
    }
  }
}
