import { ANONYMOUS, type Permission, type Principal, requirePermission } from '../../auth/roles.ts'
import type { Caller } from '../../engine/commands/types.ts'
import type { Turns } from '../../lib/turns.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'
import { overLimit } from '../over-limit.ts'

/** Reads of the event store that one operation has under way at once: others have a turn between them. */
const READS_AT_ONCE = 8

/** Whom limits are counted for: somebody by name, nobody in particular by where they are. */
export const clientOf = (principal: Principal, address = ''): string =>
  principal.name === ANONYMOUS.name ? `address ${address}` : `name ${principal.name}`

/** With so many items in its lists an operation is a long one. */
const MANY_ITEMS = 500

/** What an operation has from the server. */
export interface OperationServices {
  readonly limits: EnforcedLimits
  readonly turns: Turns
}

/** What the resolvers of one operation share. */
export class OperationContext {
  readonly caller: Caller
  readonly principal: Principal
  /** Aborted when nobody waits for the operation any more. */
  readonly signal: AbortSignal
  readonly #services: OperationServices
  #order = 0
  #rows = 0
  #items = 0
  #reading = 0
  readonly #waiting: (() => void)[] = []

  constructor(principal: Principal, caller: Caller, services: OperationServices, signal: AbortSignal) {
    this.principal = principal
    this.caller = caller
    this.signal = signal
    this.#services = services
  }

  get client(): string {
    return clientOf(this.principal, this.caller.clientAddress)
  }

  /** @throws HarkError FORBIDDEN where this is not allowed in a namespace; in all of them, where none is named */
  mustHave(permission: Permission, namespace: string | undefined): void {
    requirePermission(this.principal, permission, namespace)
  }

  /** For one message of a subscription: each is given so many rows. */
  ofMessage(): OperationContext {
    return new OperationContext(this.principal, this.caller, this.#services, this.signal)
  }

  /** Undefined where the operation may go on at once; else what resolves when the event loop was lent to others. */
  turn(): Promise<void> | undefined {
    const { turns } = this.#services
    const wait = turns.next(this.client, this.#order)
    if (this.#order === 0) this.#order = turns.begin()
    return wait
  }

  /** Whether the lists of the operation have many items so far, with these. */
  noteItems(count: number): boolean {
    this.#items += count
    return this.isLong
  }

  get isLong(): boolean {
    return this.#items > MANY_ITEMS
  }

  /** To be told of every page before it is given. */
  takeRows(count: number): void {
    this.#rows += count
    const { limits } = this.#services
    const { queryRows } = limits
    if (this.#rows <= queryRows) return
    limits.hit('queryRows')
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
