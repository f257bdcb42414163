import { existsSync } from 'node:fs'
import { type Clock, systemClock, type Timer } from '../lib/clock.ts'
import { IDENTITY, type Places } from './address-map.ts'
import { SimulatedRouter } from './router.ts'
import type { Telling } from './vanflow-source.ts'

/** Delay until a router learns of another's new or removed address. */
const ADDRESS_MS = 500
const ADDRESS_JITTER_MS = 250
/** Delay until two reachable routers are linked. */
const LINK_UP_MS = 1000

export interface SimulatedNetworkOptions {
  /** Factor of the duration of management requests: 1 is that of skupper-router. */
  readonly pace?: number
  /** Valid values of `observer`. */
  readonly observers?: readonly string[]
  readonly fileExists?: (path: string) => boolean
  readonly random?: () => number
  readonly clock?: Clock
  /** The addresses of hosts and ports; by default as named. */
  readonly places?: Places
}

export interface SimulatedRouterOptions {
  readonly id: string
  /** The name of the site; by default the router's id. */
  readonly site?: string
  /** The AMQP port; by default a free one. */
  readonly port?: number
}

interface Link {
  readonly ends: readonly [string, string]
  isWanted: boolean
  /** When the link becomes usable, by the process's clock. */
  upAt: number
}

/**
 * Linked routers in this process, on real sockets: AMQP for management and VanFlow, TCP for listeners. They reproduce the
 * measured delays and refusals of skupper-router. Links are not encrypted, and a listener connects directly to the
 * connector's workload.
 */
export class SimulatedNetwork {
  readonly options: Required<SimulatedNetworkOptions>
  readonly #routers = new Map<string, SimulatedRouter>()
  readonly #links: Link[] = []
  readonly #timers = new Set<Timer>()

  constructor({
    pace = 1,
    observers = ['none', 'auto', 'http1', 'http2'],
    fileExists = existsSync,
    random = Math.random,
    clock = systemClock,
    places = IDENTITY,
  }: SimulatedNetworkOptions = {}) {
    this.options = { pace, observers, fileExists, random, clock, places }
  }

  /** Adds a router without starting it. */
  addRouter(options: SimulatedRouterOptions): SimulatedRouter {
    const router = new SimulatedRouter(this, options)
    this.#routers.set(options.id, router)
    return router
  }

  link(a: SimulatedRouter, b: SimulatedRouter): void {
    this.#links.push({ ends: [a.id, b.id], isWanted: true, upAt: 0 })
    this.addressesChanged()
  }

  #linkBetween(a: SimulatedRouter, b: SimulatedRouter): Link {
    const link = this.#links.find(({ ends }) => ends.includes(a.id) && ends.includes(b.id))
    if (link === undefined) throw new Error(`there is no link between ${a.id} and ${b.id}`)
    return link
  }

  cutLink(a: SimulatedRouter, b: SimulatedRouter): void {
    this.#linkBetween(a, b).isWanted = false
    this.addressesChanged()
  }

  restoreLink(a: SimulatedRouter, b: SimulatedRouter): void {
    const link = this.#linkBetween(a, b)
    link.isWanted = true
    this.#rise(link)
  }

  #rise(link: Link): void {
    link.upAt = this.options.clock.now() + LINK_UP_MS
    this.later(LINK_UP_MS + 1, () => this.addressesChanged())
  }

  /** Called when a router has started: its links come up later. */
  routerStarted(router: SimulatedRouter): void {
    for (const link of this.#links) if (link.ends.includes(router.id)) this.#rise(link)
  }

  /** Runs work later, unless the network stops first. */
  later(ms: number, work: () => void): void {
    const timer = this.options.clock.setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  /** The delay of an address update. */
  addressDelayMs(): number {
    return ADDRESS_MS + this.options.random() * ADDRESS_JITTER_MS
  }

  /** The other routers reachable from one. */
  reachableFrom(router: SimulatedRouter): SimulatedRouter[] {
    const now = this.options.clock.now()
    const found = new Set<SimulatedRouter>([router])
    for (const near of found) {
      for (const { ends, isWanted, upAt } of this.#links) {
        if (!isWanted || now < upAt || !ends.includes(near.id)) continue
        const far = this.#routers.get(ends[0] === near.id ? ends[1] : ends[0])
        if (far?.isRunning) found.add(far)
      }
    }
    found.delete(router)
    return [...found]
  }

  /** The routers linked with one. */
  linkedWith(router: SimulatedRouter): SimulatedRouter[] {
    const now = this.options.clock.now()
    return this.#links
      .filter(({ ends, isWanted, upAt }) => isWanted && now >= upAt && ends.includes(router.id))
      .map(({ ends }) => this.#routers.get(ends[0] === router.id ? ends[1] : ends[0]))
      .filter((far): far is SimulatedRouter => far?.isRunning ?? false)
  }

  /** Addresses with consumers may have changed: opens and closes listeners. */
  addressesChanged(): void {
    for (const router of this.#routers.values()) if (router.isRunning) router.matchSockets()
  }

  /** Delivers a message to all known consumers of its address. */
  publish(from: SimulatedRouter, address: string, message: Telling): void {
    from.deliver(address, message)
    for (const router of this.reachableFrom(from)) if (router.advertises(address)) router.deliver(address, message)
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    await Promise.all([...this.#routers.values()].map(router => router.kill()))
  }
}

export type { SimulatedRouter }
