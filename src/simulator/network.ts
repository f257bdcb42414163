import { existsSync } from 'node:fs'
import { type Clock, systemClock, type Timer } from '../lib/clock.ts'
import { IDENTITY, type Places } from './address-map.ts'
import { SimulatedRouter } from './router.ts'
import type { Telling } from './vanflow-source.ts'

/** How long it takes until a router knows of an address that another one has, or has no more. */
const ADDRESS_MS = 500
const ADDRESS_JITTER_MS = 250
/** How long two routers take to link up once each can be reached. */
const LINK_UP_MS = 1000

export interface SimulatedNetworkOptions {
  /** By what to multiply how long management takes: 1 is as a router of today does. */
  readonly pace?: number
  /** The observers that routers know. */
  readonly observers?: readonly string[]
  readonly fileExists?: (path: string) => boolean
  readonly random?: () => number
  readonly clock?: Clock
  /** Where hosts and ports are; as they are named where it is not given. */
  readonly places?: Places
}

export interface SimulatedRouterOptions {
  readonly id: string
  /** The name of the site; the router's id where it is not given. */
  readonly site?: string
  /** Where to listen for AMQP; any free port where it is not given. */
  readonly port?: number
}

interface Link {
  readonly ends: readonly [string, string]
  isWanted: boolean
  /** From when on it carries anything, by the process's clock. */
  upAt: number
}

/**
 * Routers that are linked, in this process, on real sockets: AMQP for management and VanFlow, TCP for listeners. They
 * behave as skupper-router was measured to, its delays and refusals included. Nothing is encrypted, and what goes through a
 * listener goes straight to the connector's workload.
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

  /** Adds a router, which is not running yet. */
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

  /** To be told when a router has started: its links come up a little later. */
  routerStarted(router: SimulatedRouter): void {
    for (const link of this.#links) if (link.ends.includes(router.id)) this.#rise(link)
  }

  /** Runs work later, unless the network is stopped first. */
  later(ms: number, work: () => void): void {
    const timer = this.options.clock.setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  /** How long news of an address is under way. */
  addressDelayMs(): number {
    return ADDRESS_MS + this.options.random() * ADDRESS_JITTER_MS
  }

  /** The routers that can be reached from one, without that one. */
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

  /** The routers that one has a link with. */
  linkedWith(router: SimulatedRouter): SimulatedRouter[] {
    const now = this.options.clock.now()
    return this.#links
      .filter(({ ends, isWanted, upAt }) => isWanted && now >= upAt && ends.includes(router.id))
      .map(({ ends }) => this.#routers.get(ends[0] === router.id ? ends[1] : ends[0]))
      .filter((far): far is SimulatedRouter => far?.isRunning ?? false)
  }

  /** Which addresses have somebody to take what is sent there may have changed: listeners open and close. */
  addressesChanged(): void {
    for (const router of this.#routers.values()) if (router.isRunning) router.matchSockets()
  }

  /** Gives a message to everybody who is known to listen to its address. */
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
