import { z } from 'zod'

/** Projections select events by category. */
export type EventCategory =
  | 'listener'
  | 'connector'
  | 'site'
  | 'endpoint'
  | 'connection'
  | 'driver'
  | 'certificates'
  | 'listenerReport'
  | 'listenerProbe'
  | 'connectorReport'
  | 'seenListener'
  | 'seenConnector'
  | 'lease'
  | 'audit'

export interface EventDefinition {
  readonly category: EventCategory
  /** The newest version; upcast.ts converts older ones. */
  readonly data: z.ZodType
  /** Starts a new generation of the resource's spec. */
  readonly startsGeneration?: true
  /**
   * Reports the router's result for a generation of a listener's spec; its causationId is the event that started the
   * generation.
   */
  readonly answersGeneration?: true
  /** Releases the listener's previous host and port. */
  readonly freesEndpoint?: true
  /** Audit reports omit it. */
  readonly isBookkeeping?: true
}

export const resourceData = { namespace: z.string(), name: z.string(), uid: z.string() }

/** Events of one command share the new generation. */
export const generation = z.int().min(1)
