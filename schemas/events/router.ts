import { z } from 'zod'

const site = { namespace: z.string() }
const listener = { ...site, name: z.string(), uid: z.string(), generation: z.int().min(1) }
/** The router's own words, where it has any. */
const message = z.string()

/**
 * What a site's router said, as far as it was news. The stream is that of the site's router, `router-<namespace>`.
 *
 * Accepted, opened and seen on the network are three facts: a router answers a listener's creation with success long
 * before it tries to open the socket, and opens it only once some connector is there.
 */
export const routerEventData = {
  RouterAttached: z.strictObject({ ...site, url: z.string() }),
  RouterConnected: z.strictObject({ ...site, id: z.string() }),
  /** Version 2. Not heard of for longer than the grace period; `reason` is what was heard last, or came in its place. */
  RouterLost: z.strictObject({ ...site, reason: z.string() }),
  /** No engine watched the router from `since` until this event, and none does until the router is connected again. */
  RouterUnobserved: z.strictObject({ ...site, since: z.iso.datetime() }),
  RouterDetached: z.strictObject(site),
  /** Where the router finds bundles of TLS credentials from here on: a folder as the router sees it. */
  RouterCertificatesConfigured: z.strictObject({ ...site, folder: z.string() }),
  /** Somebody else drives the router as well, and sets back what this engine sets: it stops until that ends. */
  RouterContested: z.strictObject({ ...site, message }),
  RouterUncontested: z.strictObject(site),
  /** Another engine than before drives the router from here on: sends it its configuration and reports what it says. */
  RouterDriverChanged: z.strictObject({ ...site, driver: z.string() }),

  /** The router holds exactly the entity for this generation. */
  ListenerAccepted: z.strictObject(listener),
  ListenerRefused: z.strictObject({ ...listener, message }),
  ListenerOpened: z.strictObject(listener),
  ListenerFailedToOpen: z.strictObject({ ...listener, message }),
  /** The router no longer holds the entity that it accepted; the message says what it holds. */
  ListenerDrifted: z.strictObject({ ...listener, message }),

  /** The bundle of TLS credentials that it names cannot be used, as Hark found it; the message says why. */
  ListenerCredentialsUnfit: z.strictObject({ ...listener, message }),
  /** Something beyond the router answered a probe of the listener. */
  ListenerReached: z.strictObject(listener),
  /** A probe was refused, closed, or answered by nothing; the message says which. */
  ListenerNotReached: z.strictObject({ ...listener, message }),
  /** A probe could not be made from where Hark runs, which says nothing of clients elsewhere. */
  ListenerProbeInconclusive: z.strictObject({ ...listener, message }),

  ConnectorAccepted: z.strictObject(listener),
  ConnectorRefused: z.strictObject({ ...listener, message }),
  ConnectorDrifted: z.strictObject({ ...listener, message }),

  ConnectorCredentialsUnfit: z.strictObject({ ...listener, message }),

  /** A connector or a listener on the network, declared in Hark or not; `identity` is the router's and unique there. */
  ConnectorSeen: z.strictObject({
    ...site,
    identity: z.string(),
    routingKey: z.string(),
    site: z.string().optional(),
    name: z.string().optional(),
    host: z.string().optional(),
    port: z.string().optional(),
  }),
  ConnectorGone: z.strictObject({ ...site, identity: z.string() }),
  ListenerSeen: z.strictObject({ ...site, identity: z.string(), routingKey: z.string() }),
  ListenerGone: z.strictObject({ ...site, identity: z.string() }),
} as const
