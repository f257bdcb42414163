import type { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import pLimit, { type LimitFunction } from 'p-limit'
import { ANONYMOUS, type Permission, type Principal, requirePermission } from '../../auth/roles.ts'
import type { Caller } from '../../engine/commands/types.ts'
import type { CooperativeScheduler } from '../../lib/cooperative-scheduler.ts'
import type { Logger } from '../../lib/logger.ts'
import { type EnforcedLimits, overLimit } from '../limits.ts'
import type { OperationSlot } from '../operation-slots.ts'
import { maskError } from './mask-error.ts'
import type { OperationRequest } from './request-parser.ts'

export type OperationPlugin = Plugin<OperationContext, OperationContext>

const CONCURRENT_READS = 8
const MANY_ITEMS = 500

export const clientKey = (principal: Principal, address = ''): string =>
  principal.name === ANONYMOUS.name ? `address ${address}` : `name ${principal.name}`

interface OperationServices {
  readonly limits: EnforcedLimits
  readonly logger: Logger
  readonly scheduler: CooperativeScheduler
}

/** Yoga derives objects from it, which have no `#private` fields. */
export class OperationContext {
  readonly caller: Caller
  readonly principal: Principal
  readonly signal: AbortSignal
  readonly receivedAt = performance.now()
  /** Absent for messages of a subscription. */
  readonly slot: OperationSlot | undefined
  received: OperationRequest | readonly OperationRequest[] | undefined
  params: OperationRequest | undefined
  readonly request: Request | undefined
  private readonly services: OperationServices
  private limitReads: LimitFunction | undefined
  private order = 0
  private rows = 0
  private items = 0

  constructor(
    principal: Principal,
    caller: Caller,
    services: OperationServices,
    signal: AbortSignal,
    slot?: OperationSlot,
  ) {
    this.principal = principal
    this.caller = caller
    this.services = services
    this.signal = signal
    this.slot = slot
  }

  get clientKey(): string {
    return clientKey(this.principal, this.caller.clientAddress)
  }

  /** @throws HarkError FORBIDDEN; without a namespace, all namespaces need the permission */
  requirePermission(permission: Permission, namespace: string | undefined): void {
    requirePermission(this.principal, permission, namespace)
  }

  mask(error: unknown): GraphQLError {
    const { correlationId: requestId, span } = this.caller
    return maskError(error, { requestId, ...(span && { traceId: span.traceId }) }, this.services.logger)
  }

  /** Row limits apply to each message of a subscription. */
  forMessage(): OperationContext {
    return new OperationContext(this.principal, this.caller, this.services, this.signal)
  }

  yield(): Promise<void> | undefined {
    const { scheduler } = this.services
    const turn = scheduler.next(this.clientKey, this.order)
    if (this.order === 0) this.order = scheduler.begin()
    return turn
  }

  yieldMessage(): Promise<void> | undefined {
    return this.services.scheduler.next(`messages to ${this.clientKey}`)
  }

  countItems(count: number): void {
    this.items += count
  }

  get hasManyItems(): boolean {
    return this.items > MANY_ITEMS
  }

  /** @throws HarkError BAD_USER_INPUT above the limit queryRows */
  countRows(count: number): void {
    this.rows += count
    const { limits } = this.services
    const { queryRows } = limits
    if (this.rows <= queryRows) return
    limits.hit('queryRows')
    throw overLimit('queryRows', `exceeds the limit of ${queryRows} rows over all lists of a request`, 'first')
  }

  read<T>(read: () => Promise<T>): Promise<T> {
    this.limitReads ??= pLimit(CONCURRENT_READS)
    return this.limitReads(read)
  }
}
