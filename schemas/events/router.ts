import { z } from 'zod'
import { type EventDefinition, generation, resourceData } from './definition.ts'

const site = { namespace: z.string() }
const resource = { ...resourceData, generation }
/** The router's message, if any. */
const message = z.string()

/** Uses the stream `router-<namespace>`. */
const connectionEvents = {
  RouterAttached: { category: 'connection', data: z.strictObject({ ...site, url: z.string() }) },
  RouterConnected: { category: 'connection', data: z.strictObject({ ...site, id: z.string() }) },
  /** Version 2. No answer within the grace period; `reason` is the last error. */
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

/**
 * A router accepts a listener long before it opens the socket, for which it needs a connector. Hence three facts:
 * accepted, opened, and seen on the network.
 */
const listenerReports = {
  /** The router's entity equals this generation. */
  ListenerAccepted: { category: 'listenerReport', answersGeneration: true, data: z.strictObject(resource) },
  ListenerRefused: {
    category: 'listenerReport',
    answersGeneration: true,
    data: z.strictObject({ ...resource, message }),
  },
  ListenerOpened: { category: 'listenerReport', answersGeneration: true, data: z.strictObject(resource) },
  ListenerFailedToOpen: {
    category: 'listenerReport',
    answersGeneration: true,
    data: z.strictObject({ ...resource, message }),
  },
  /** The router's entity has changed; the message lists differences. */
  ListenerDrifted: { category: 'listenerReport', data: z.strictObject({ ...resource, message }) },
  /** Hark found the TLS credentials unusable; the message has the reason. */
  ListenerCredentialsUnfit: { category: 'listenerReport', data: z.strictObject({ ...resource, message }) },

  /** A program beyond the router answered a probe. */
  ListenerReached: { category: 'listenerProbe', data: z.strictObject(resource) },
  /** A probe was refused, closed or unanswered. */
  ListenerNotReached: { category: 'listenerProbe', data: z.strictObject({ ...resource, message }) },
  /** Hark's host cannot probe, which does not affect other clients. */
  ListenerProbeInconclusive: { category: 'listenerProbe', data: z.strictObject({ ...resource, message }) },
} as const satisfies Record<string, EventDefinition>

const connectorReports = {
  ConnectorAccepted: { category: 'connectorReport', data: z.strictObject(resource) },
  ConnectorRefused: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
  ConnectorDrifted: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
  ConnectorCredentialsUnfit: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
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
  ...listenerReports,
  ...connectorReports,
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
