import { z } from 'zod'
import { resourceReports } from '../resources/registry.ts'
import type { EventDefinition } from './definition.ts'

const site = { namespace: z.string() }
const message = z.string()

/** Uses the stream `router-<namespace>`. */
const connectionEvents = {
  RouterAttached: { category: 'connection', data: z.strictObject({ ...site, url: z.string() }) },
  RouterConnected: { category: 'connection', data: z.strictObject({ ...site, id: z.string() }) },
  /** Version 2. No response within the grace period; `reason` is the last error. */
  RouterLost: { category: 'connection', data: z.strictObject({ ...site, reason: z.string() }) },
  /** No engine observed the router from `since` until this event, and none does until RouterConnected. */
  RouterUnobserved: { category: 'connection', data: z.strictObject({ ...site, since: z.iso.datetime() }) },
  RouterDetached: { category: 'connection', data: z.strictObject(site) },
  /** A different engine now drives the router. */
  RouterDriverChanged: { category: 'driver', data: z.strictObject({ ...site, driver: z.string() }) },
  /** Another controller reverts the engine's configuration; the engine pauses meanwhile. */
  RouterContested: { category: 'driver', data: z.strictObject({ ...site, message }) },
  RouterUncontested: { category: 'driver', data: z.strictObject(site) },
  /** The folder of TLS credentials in the router's file system. */
  RouterCertificatesConfigured: { category: 'certificates', data: z.strictObject({ ...site, folder: z.string() }) },
} as const satisfies Record<string, EventDefinition>

const identity = z.string()

/** Includes resources that are not declared in Hark; `identity` is unique within the router. */
const networkEvents = {
  ConnectorSeen: {
    category: 'seenConnector',
    data: z.strictObject({
      ...site,
      identity,
      routingKey: z.string(),
      site: z.string().optional(),
      name: z.string().optional(),
      host: z.string().optional(),
      port: z.string().optional(),
    }),
  },
  ConnectorGone: { category: 'seenConnector', data: z.strictObject({ ...site, identity }) },
  ListenerSeen: { category: 'seenListener', data: z.strictObject({ ...site, identity, routingKey: z.string() }) },
  ListenerGone: { category: 'seenListener', data: z.strictObject({ ...site, identity }) },
} as const satisfies Record<string, EventDefinition>

export const routerEvents = {
  ...connectionEvents,
  ...resourceReports,
  ...networkEvents,
} as const

/** Uses the stream `lease-<namespace>`; each engine start gives a new id for `holder` and `by`. */
export const leaseEvents = {
  LeaseTaken: {
    category: 'lease',
    isBookkeeping: true,
    data: z.strictObject({ namespace: z.string(), holder: z.string() }),
  },
  /** A holder loses the lease unless it renews it after this event. */
  LeaseAsked: {
    category: 'lease',
    isBookkeeping: true,
    data: z.strictObject({ namespace: z.string(), by: z.string() }),
  },
  LeaseRenewed: {
    category: 'lease',
    isBookkeeping: true,
    data: z.strictObject({ namespace: z.string(), holder: z.string() }),
  },
  LeaseReleased: {
    category: 'lease',
    isBookkeeping: true,
    data: z.strictObject({ namespace: z.string(), holder: z.string() }),
  },
} as const satisfies Record<string, EventDefinition>
