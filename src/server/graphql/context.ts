import pLimit, { type LimitFunction } from 'p-limit'
import { ANONYMOUS, type Permission, type Principal, requirePermission } from '../../auth/roles.ts'
import type { Caller } from '../../engine/commands/types.ts'
import type { Turns } from '../../lib/turns.ts'
import { type EnforcedLimits, overLimit } from '../limits.ts'

/** Concurrent event-store reads of one operation, so that the reads of others come in between. */
const CONCURRENT_READS = 8
/** An operation with more items in its lists yields between them. */
const MANY_ITEMS = 500

/** What limits are counted by: the name of a principal, or the address of an anonymous client. */
export const clientKey = (principal: Principal, address = ''): string =>
  principal.name === ANONYMOUS.name ? `address ${address}` : `name ${principal.name}`

export interface OperationServices {
  readonly limits: EnforcedLimits
  readonly turns: Turns
}

/** What the resolvers of one operation share. */
export class OperationContext {
  readonly caller: Caller
  readonly principal: Principal
  /** Aborted when the client has gone or has completed the operation. */
  readonly signal: AbortSignal
  readonly #services: OperationServices
  #limitReads: LimitFunction | undefined
  #order = 0
  #rows = 0
  #items = 0

  constructor(principal: Principal, caller: Caller, services: OperationServices, signal: AbortSignal) {
    this.principal = principal
    this.caller = caller
    this.signal = signal
    this.#services = services
  }

  get clientKey(): string {
    return clientKey(this.principal, this.caller.clientAddress)
  }

  /** @throws HarkError FORBIDDEN without the permission in the namespace, or in all of them if there is none */
  requirePermission(permission: Permission, namespace: string | undefined): void {
    requirePermission(this.principal, permission, namespace)
  }

  /** A context for one message of a subscription: limits on rows count a message. */
  forMessage(): OperationContext {
    return new OperationContext(this.principal, this.caller, this.#services, this.signal)
  }

  /** Undefined if the operation may go on; otherwise resolves after other work had the event loop. */
  yield(): Promise<void> | undefined {
    const { turns } = this.#services
    const turn = turns.next(this.clientKey, this.#order)
    if (this.#order === 0) this.#order = turns.begin()
    return turn
  }

  countItems(count: number): void {
    this.#items += count
  }

  get hasManyItems(): boolean {
    return this.#items > MANY_ITEMS
  }

  /** @throws HarkError BAD_USER_INPUT if the lists of the operation exceed the limit queryRows */
  countRows(count: number): void {
    this.#rows += count
    const { limits } = this.#services
    const { queryRows } = limits
    if (this.#rows <= queryRows) return
    limits.hit('queryRows')
    throw overLimit('queryRows', `exceeds the limit of ${queryRows} rows over all lists of a request`, 'first')
  }

  /** Reads from the event store, with few reads at a time. */
  read<T>(read: () => Promise<T>): Promise<T> {
    this.#limitReads ??= pLimit(CONCURRENT_READS)
    return this.#limitReads(read)
  }
}
