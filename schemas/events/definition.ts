import { z } from 'zod'
import type { AuditAction } from '../audit-vocabulary.ts'

/** An action on the resource for audit reports, in readable words without the resource. */
export interface AuditedAs {
  readonly action: AuditAction
  readonly words: string
}

export interface EventDefinition {
  /** Projections select events by category. */
  readonly category: string
  /** The newest version; upcast.ts converts older ones. */
  readonly data: z.ZodType
  readonly startsGeneration?: true
  /**
   * Reports the router's result for a generation of a listener's spec; its causationId is the event that started the
   * generation.
   */
  readonly reportsGeneration?: true
  /** Releases the resource's previous host and port. */
  readonly freesEndpoint?: true
  /** Audit reports omit it. */
  readonly isBookkeeping?: true
}

export interface ResourceEventDefinition extends EventDefinition {
  readonly audit: AuditedAs
}

export const resourceData = { namespace: z.string(), name: z.string(), uid: z.string() }

/** Events of one command share the new generation. */
export const generation = z.int().min(1)

export const report = z.strictObject({ ...resourceData, generation })
export const reportWithMessage = report.extend({ message: z.string() })

export const reportEvent = <const Category extends string, Data extends typeof report | typeof reportWithMessage>(
  category: Category,
  action: AuditAction,
  words: string,
  data: Data,
) => ({ category, audit: { action, words }, data })
