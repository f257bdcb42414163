import { BoundedCounter, type Counted } from './bounded-counter.ts'
import type { AuditedResource } from './describe-event.ts'
import type { AuditEntry } from './entry.ts'

/** By actor, by resource, and by actor and code: more than these different ones are counted together. */
const MOST_COUNTED = 10_000
/** The largest are shown. */
const MOST_SHOWN = 100

export interface RefusalKey {
  readonly actor: string
  readonly code: string
}

export interface CountedBy<Key> {
  /** The largest first: 100 at most. */
  readonly counted: readonly Counted<Key>[]
  /** Of all others together. */
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

/**
 * What entries come to: a fold that keeps counters alone, so that a million of them take no more memory than a thousand.
 */
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
