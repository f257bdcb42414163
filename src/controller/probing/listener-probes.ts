import type { ListenerRow } from '../../../projections/listener-status.ts'
import { isProbeable } from '../../../projections/shared/reachability.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import { type Probe, probeOf } from '../../../schemas/resources/probe.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { ToWrite } from '../event-writer.ts'
import type { SiteChange, SiteState } from '../site-state.ts'
import { probeTarget } from './probe-target.ts'
import { PROBE_TIMES, type ProbeResult, type ProbeTimes, probeTcp } from './tcp-probe.ts'

/** Each probe takes a connection to the router and one to a workload. */
const CONCURRENCY = 100
/** Spreads the first probes of listeners that become ready together. */
const FIRST_WITHIN_MS = 250
const RETRY_MS = 2000
const JITTER = 0.1

interface ListenerProbesOptions {
  readonly site: SiteState
  readonly routerHost: string
  readonly hasLease: () => boolean
  readonly write: (events: ToWrite) => Promise<void>
  readonly onProbed: (result: ProbeResult) => void
  readonly onFailure: (error: unknown) => void
  readonly clock: Clock
  readonly times?: ProbeTimes
  readonly random?: () => number
}

interface Probing {
  readonly state: string
  timer: Timer | undefined
}

const EVENTS = {
  reached: 'ListenerReached',
  notReached: 'ListenerNotReached',
  inconclusive: 'ListenerProbeInconclusive',
} as const

const stateOf = ({ uid, generation, conditions }: ListenerRow): string =>
  [uid, generation, conditions.Configured.lastTransitionTime, conditions.Matched.lastTransitionTime].join(' ')

const isNews = ({ probe, generation }: ListenerRow, { outcome, message }: ProbeResult): boolean =>
  probe?.generation !== generation || probe.outcome !== outcome || probe.message !== message

const eventOf = (row: ListenerRow, { outcome, message }: ProbeResult): RouterEvent => {
  const { namespace, name, uid, generation } = row
  const data = { namespace, name, uid, generation, ...(outcome !== 'reached' && { message }) }
  return { type: EVENTS[outcome], data } as RouterEvent
}

const listenersOf = ({ resources }: SiteChange): readonly string[] =>
  resources.filter(({ kind }) => kind === 'Listener').map(({ name }) => name)

export class ListenerProbes {
  readonly #options: ListenerProbesOptions
  readonly #probing = new Map<string, Probing>()
  readonly #due = new Map<string, Probing>()
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #unsubscribe: () => void

  constructor(options: ListenerProbesOptions) {
    this.#options = options
    const { site, onFailure } = options
    this.#unsubscribe = site.onChange(change => {
      const names = change === 'everything' ? this.#allNames() : listenersOf(change)
      for (const name of names) this.#reconsider(name)
    }, onFailure)
    for (const name of this.#allNames()) this.#reconsider(name)
  }

  #allNames(): Set<string> {
    return new Set([...Array.from(this.#options.site.rows('Listener'), ({ name }) => name), ...this.#probing.keys()])
  }

  #reconsider(name: string): void {
    const { site, random = Math.random } = this.#options
    const row = site.row('Listener', name)
    const isWanted = row !== undefined && probeOf(row.spec) !== undefined && isProbeable(row.conditions)
    const state = isWanted ? stateOf(row) : undefined
    const before = this.#probing.get(name)
    if (before?.state === state) return
    before?.timer?.cancel()
    this.#probing.delete(name)
    this.#due.delete(name)
    if (state === undefined) return
    const probing: Probing = { state, timer: undefined }
    this.#probing.set(name, probing)
    this.#schedule(name, probing, random() * FIRST_WITHIN_MS)
  }

  #schedule(name: string, probing: Probing, ms: number): void {
    probing.timer = this.#options.clock.setTimeout(() => {
      this.#due.set(name, probing)
      this.#startDue()
    }, ms)
  }

  #startDue(): void {
    for (const [name, probing] of this.#due) {
      if (this.#running.size >= CONCURRENCY) return
      this.#due.delete(name)
      const work = this.#probe(name, probing)
        .catch(error => {
          if (!this.#stop.signal.aborted) this.#options.onFailure(error)
        })
        .finally(() => {
          this.#running.delete(work)
          if (!this.#stop.signal.aborted) this.#startDue()
        })
      this.#running.add(work)
    }
  }

  #rowOf(name: string, probing: Probing): ListenerRow | undefined {
    return this.#probing.get(name) === probing ? this.#options.site.row('Listener', name) : undefined
  }

  async #probe(name: string, probing: Probing): Promise<void> {
    const { hasLease, onProbed, write } = this.#options
    const row = this.#rowOf(name, probing)
    const probe = row && probeOf(row.spec)
    if (row === undefined || probe === undefined) return
    const result = hasLease() ? await this.#probeOnce(row) : undefined
    if (result !== undefined) {
      onProbed(result)
      await write(() => {
        const now = this.#rowOf(name, probing)
        return now !== undefined && hasLease() && isNews(now, result) ? [eventOf(now, result)] : []
      })
    }
    if (this.#probing.get(name) === probing) this.#schedule(name, probing, this.#pauseMs(probe, result))
  }

  async #probeOnce({ spec: { host, port, tlsCredentials } }: ListenerRow): Promise<ProbeResult> {
    const { routerHost, clock, times = PROBE_TIMES } = this.#options
    const target = probeTarget(host, routerHost)
    if ('obstacle' in target) return { outcome: 'inconclusive', message: target.obstacle }
    const probe = { host: target.host, port, isTls: tlsCredentials !== undefined }
    return probeTcp(probe, { signal: this.#stop.signal, clock, times })
  }

  #pauseMs({ intervalSeconds }: Probe, result: ProbeResult | undefined): number {
    const { random = Math.random } = this.#options
    const interval = intervalSeconds * 1000
    const pause = result?.outcome === 'reached' ? interval : Math.min(interval, RETRY_MS)
    return pause * (1 - JITTER + 2 * JITTER * random())
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    this.#stop.abort()
    for (const { timer } of this.#probing.values()) timer?.cancel()
    this.#probing.clear()
    this.#due.clear()
    await Promise.all(this.#running)
  }
}
