import { z } from 'zod'

/** What an event is about; each projection names the categories that it folds. */
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

/** Everything that differs between event types. */
export interface EventDefinition {
  readonly category: EventCategory
  /** Schema of the newest version of the data; upcast.ts converts older ones. */
  readonly data: z.ZodType
  /** The event starts a new generation of its resource's spec. */
  readonly startsGeneration?: true
  /** The router's answer to a generation of a listener's spec: its causationId is the event that started it. */
  readonly answersGeneration?: true
  /** The listener no longer holds the host and port that it had. */
  readonly freesEndpoint?: true
  /** Audit reports leave it out. */
  readonly isBookkeeping?: true
}

export const resourceData = { namespace: z.string(), name: z.string(), uid: z.string() }

/** Of the resource from this event on. The events of one command share it. */
export const generation = z.int().min(1)
