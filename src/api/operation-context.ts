import { ANYBODY, mustHave, type Permission, type Principal } from '../auth/roles.ts'
import type { Caller } from '../engine/engine.ts'
import type { EnforcedLimits } from './enforced-limits.ts'
import { overLimit } from './over-limit.ts'

/** Reads of the event store that one operation has under way at once: others have a turn between them. */
const READS_AT_ONCE = 8

/** Whom limits are counted for: somebody by name, nobody in particular by where they are. */
export const clientOf = (principal: Principal, address = ''): string =>
  principal.name === ANYBODY.name ? `address ${address}` : `name ${principal.name}`

/** What the resolvers of one operation share. */
export class OperationContext {
  readonly caller: Caller
  readonly principal: Principal
  readonly #limits: EnforcedLimits
  #rows = 0
  #reading = 0
  readonly #waiting: (() => void)[] = []

  constructor(principal: Principal, caller: Caller, limits: EnforcedLimits) {
    this.principal = principal
    this.caller = caller
    this.#limits = limits
  }

  get client(): string {
    return clientOf(this.principal, this.caller.clientAddress)
  }

  /** @throws HarkError FORBIDDEN where this is not allowed in a namespace; in all of them, where none is named */
  mustHave(permission: Permission, namespace: string | undefined): void {
    mustHave(this.principal, permission, namespace)
  }

  /** A subscription is given so many rows with each of its messages. */
  nextMessage(): void {
    this.#rows = 0
  }

  /** To be told of every page before it is given. */
  takeRows(count: number): void {
    this.#rows += count
    const { queryRows } = this.#limits
    if (this.#rows <= queryRows) return
    this.#limits.hit('queryRows')
    throw overLimit(
      'queryRows',
      `is too much: one request is given ${queryRows} rows at most, over all its lists`,
      'first',
    )
  }

  /** Reads from the store when it is this read's turn. */
  async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reading >= READS_AT_ONCE) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#reading += 1
    try {
      return await read()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#reading -= 1
      else next()
    }
  }
}
