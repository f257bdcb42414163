import { z } from 'zod'
import { type EventDefinition, generation, resourceData } from './definition.ts'

const site = { namespace: z.string() }
const resource = { ...resourceData, generation }
/** Of the router, where it gives one. */
const message = z.string()

/** Of the stream `router-<namespace>`: the connection to a site's router. */
const connectionEvents = {
  RouterAttached: { category: 'connection', data: z.strictObject({ ...site, url: z.string() }) },
  RouterConnected: { category: 'connection', data: z.strictObject({ ...site, id: z.string() }) },
  /** Version 2. No answer for longer than the grace period; `reason` is the last error. */
  RouterLost: { category: 'connection', data: z.strictObject({ ...site, reason: z.string() }) },
  /** No engine watched the router from `since` until this event, nor does one until RouterConnected. */
  RouterUnobserved: { category: 'connection', data: z.strictObject({ ...site, since: z.iso.datetime() }) },
  RouterDetached: { category: 'connection', data: z.strictObject(site) },
  /** Another engine drives the router from here on. */
  RouterDriverChanged: { category: 'driver', data: z.strictObject({ ...site, driver: z.string() }) },
  /** Another controller undoes what this engine configures; the engine pauses until that ends. */
  RouterContested: { category: 'driver', data: z.strictObject({ ...site, message }) },
  RouterUncontested: { category: 'driver', data: z.strictObject(site) },
  /** Folder of the TLS credentials, as the router sees it. */
  RouterCertificatesConfigured: { category: 'certificates', data: z.strictObject({ ...site, folder: z.string() }) },
} as const satisfies Record<string, EventDefinition>

/**
 * A router accepts a listener long before it opens the socket, which it does only once there is a connector: accepted,
 * opened and seen on the network are three facts.
 */
const listenerReports = {
  /** The router has exactly the entity of this generation. */
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
  /** The entity at the router has changed; the message has the differences. */
  ListenerDrifted: { category: 'listenerReport', data: z.strictObject({ ...resource, message }) },
  /** Hark found the listener's TLS credentials unusable, for the reason in the message. */
  ListenerCredentialsUnfit: { category: 'listenerReport', data: z.strictObject({ ...resource, message }) },

  /** Something beyond the router answered a probe. */
  ListenerReached: { category: 'listenerProbe', data: z.strictObject(resource) },
  /** A probe was refused, closed or not answered. */
  ListenerNotReached: { category: 'listenerProbe', data: z.strictObject({ ...resource, message }) },
  /** Hark's host cannot make the probe, which does not concern clients elsewhere. */
  ListenerProbeInconclusive: { category: 'listenerProbe', data: z.strictObject({ ...resource, message }) },
} as const satisfies Record<string, EventDefinition>

const connectorReports = {
  ConnectorAccepted: { category: 'connectorReport', data: z.strictObject(resource) },
  ConnectorRefused: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
  ConnectorDrifted: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
  ConnectorCredentialsUnfit: { category: 'connectorReport', data: z.strictObject({ ...resource, message }) },
} as const satisfies Record<string, EventDefinition>

const identity = z.string()

/** Listeners and connectors on the network, declared in Hark or not; `identity` is the router's and unique there. */
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

/** What the router controller records about a site's router. */
export const routerEvents = {
  ...connectionEvents,
  ...listenerReports,
  ...connectorReports,
  ...networkEvents,
} as const

/** The stream is `lease-<namespace>`; `holder` and `by` are ids that an engine gives itself at each start. */
export const leaseEvents = {
  LeaseTaken: {
    category: 'lease',
    isBookkeeping: true,
    data: z.strictObject({ namespace: z.string(), holder: z.string() }),
  },
  /** A holder that does not renew the lease after this loses it. */
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
