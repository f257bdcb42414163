import { existsSync } from 'node:fs'
import { systemClock, type Timer } from '../lib/clock.ts'
import { IDENTITY } from './address-map.ts'
import { type RouterNetwork, SimulatedRouter } from './router.ts'
import type { SimulatedNetworkOptions, SimulatedRouterOptions } from './types.ts'
import type { VanflowMessage } from './vanflow-source.ts'

/** The delay until other routers learn of an address or its end. */
const ADDRESS_MS = 500
const ADDRESS_JITTER_MS = 250
const LINK_UP_MS = 1000

interface Link {
  readonly ends: readonly [string, string]
  isWanted: boolean
  upAt: number
}

/**
 * Linked routers on real sockets, with the delays and refusals that were measured with skupper-router. A listener
 * connects directly to the connector's workload.
 */
export class SimulatedNetwork implements RouterNetwork {
  readonly options: Required<SimulatedNetworkOptions>
  readonly #routers = new Map<string, SimulatedRouter>()
  readonly #links: Link[] = []
  readonly #timers = new Set<Timer>()

  constructor({
    pace = 1,
    observers = ['none', 'auto', 'http1', 'http2'],
    lacking = [],
    fileExists = existsSync,
    random = Math.random,
    clock = systemClock,
    addresses = IDENTITY,
  }: SimulatedNetworkOptions = {}) {
    this.options = { pace, observers, lacking, fileExists, random, clock, addresses }
  }

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

  routerStarted(router: SimulatedRouter): void {
    for (const link of this.#links) if (link.ends.includes(router.id)) this.#rise(link)
  }

  later(ms: number, work: () => void): void {
    const timer = this.options.clock.setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  addressDelayMs(): number {
    return ADDRESS_MS + this.options.random() * ADDRESS_JITTER_MS
  }

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

  linkedWith(router: SimulatedRouter): SimulatedRouter[] {
    const now = this.options.clock.now()
    return this.#links
      .filter(({ ends, isWanted, upAt }) => isWanted && now >= upAt && ends.includes(router.id))
      .map(({ ends }) => this.#routers.get(ends[0] === router.id ? ends[1] : ends[0]))
      .filter((far): far is SimulatedRouter => far?.isRunning ?? false)
  }

  addressesChanged(): void {
    for (const router of this.#routers.values()) if (router.isRunning) router.matchSockets()
  }

  publish(from: SimulatedRouter, address: string, message: VanflowMessage): void {
    from.deliver(address, message)
    for (const router of this.reachableFrom(from)) if (router.advertises(address)) router.deliver(address, message)
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    await Promise.all([...this.#routers.values()].map(router => router.kill()))
  }
}

export type { SimulatedRouter }
