import type { ListenerRow } from '../../../projections/listener-status.ts'
import { isProbeable } from '../../../projections/shared/reachability.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import { type Probe, probeOf } from '../../../schemas/resources/probe.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import type { ToWrite } from '../event-writer.ts'
import type { SiteState } from '../site-state.ts'
import { probeTarget } from './probe-target.ts'
import { type Finding, PROBE_TIMES, type ProbeTimes, probeTcp } from './tcp-probe.ts'

/** Each is a connection to the router, and one to a workload. */
const MOST_AT_ONCE = 100
/** Listeners that become ready together are not probed in the same instant. */
const FIRST_WITHIN_MS = 250
/** What was not reached may be back soon. */
const RETRY_MS = 2000
/** By how much of its length an interval may be shorter or longer. */
const JITTER = 0.1

export interface ListenerProbesOptions {
  readonly view: SiteState
  /** Where the router's management is. */
  readonly routerHost: string
  /** Whether this engine may say anything of the router now. */
  readonly mayDrive: () => boolean
  readonly write: (events: ToWrite) => Promise<void>
  readonly onProbed: (finding: Finding) => void
  readonly onFailure: (error: unknown) => void
  readonly clock: Clock
  readonly times?: ProbeTimes
  readonly random?: () => number
}

/** A listener as it is being probed: of another state of it a finding says nothing. */
interface Probing {
  readonly state: string
  timer: Timer | undefined
}

const EVENTS = {
  reached: 'ListenerReached',
  notReached: 'ListenerNotReached',
  inconclusive: 'ListenerProbeInconclusive',
} as const

/** Changes whenever what was found of a listener no longer counts. */
const stateOf = ({ uid, generation, conditions }: ListenerRow): string =>
  [uid, generation, conditions.Configured.lastTransitionTime, conditions.Matched.lastTransitionTime].join(' ')

const isNews = ({ probe, generation }: ListenerRow, { found, message }: Finding): boolean =>
  probe?.generation !== generation || probe.found !== found || probe.message !== message

const eventOf = (row: ListenerRow, { found, message }: Finding): RouterEvent => {
  const { namespace, name, uid, generation } = row
  const data = { namespace, name, uid, generation, ...(found !== 'reached' && { message }) }
  return { type: EVENTS[found], data } as RouterEvent
}

/**
 * Probes the listeners of one router that ask for it, each in its interval, for as long as they are open and matched; and
 * writes down what was found where that is news. It begins at once and ends with `close`.
 */
export class ListenerProbes {
  readonly #options: ListenerProbesOptions
  readonly #probing = new Map<string, Probing>()
  /** Listeners whose turn has come, in the order in which it came. */
  readonly #due = new Map<string, Probing>()
  readonly #stop = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #unsubscribe: () => void

  constructor(options: ListenerProbesOptions) {
    this.#options = options
    const { view, onFailure } = options
    this.#unsubscribe = view.onChange(change => {
      const names = change === 'everything' ? this.#everyName() : change.listeners
      for (const name of names) this.#consider(name)
    }, onFailure)
    for (const name of this.#everyName()) this.#consider(name)
  }

  #everyName(): Set<string> {
    return new Set([...Array.from(this.#options.view.listeners(), ({ name }) => name), ...this.#probing.keys()])
  }

  #consider(name: string): void {
    const { view, random = Math.random } = this.#options
    const row = view.listener(name)
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
    this.#later(name, probing, random() * FIRST_WITHIN_MS)
  }

  #later(name: string, probing: Probing, ms: number): void {
    probing.timer = this.#options.clock.setTimeout(() => {
      this.#due.set(name, probing)
      this.#beginDue()
    }, ms)
  }

  #beginDue(): void {
    for (const [name, probing] of this.#due) {
      if (this.#underWay.size >= MOST_AT_ONCE) return
      this.#due.delete(name)
      const work = this.#probe(name, probing)
        .catch(error => {
          if (!this.#stop.signal.aborted) this.#options.onFailure(error)
        })
        .finally(() => {
          this.#underWay.delete(work)
          if (!this.#stop.signal.aborted) this.#beginDue()
        })
      this.#underWay.add(work)
    }
  }

  /** The listener, where it still is as it was when its probe was called for. */
  #rowOf(name: string, probing: Probing): ListenerRow | undefined {
    return this.#probing.get(name) === probing ? this.#options.view.listener(name) : undefined
  }

  async #probe(name: string, probing: Probing): Promise<void> {
    const { mayDrive, onProbed, write } = this.#options
    const row = this.#rowOf(name, probing)
    const probe = row && probeOf(row.spec)
    if (row === undefined || probe === undefined) return
    const finding = mayDrive() ? await this.#find(row) : undefined
    if (finding !== undefined) {
      onProbed(finding)
      await write(() => {
        const now = this.#rowOf(name, probing)
        return now !== undefined && mayDrive() && isNews(now, finding) ? [eventOf(now, finding)] : []
      })
    }
    if (this.#probing.get(name) === probing) this.#later(name, probing, this.#pauseMs(probe, finding))
  }

  async #find({ spec: { host, port, tlsCredentials } }: ListenerRow): Promise<Finding> {
    const { routerHost, clock, times = PROBE_TIMES } = this.#options
    const target = probeTarget(host, routerHost)
    if ('hindrance' in target) return { found: 'inconclusive', message: target.hindrance }
    const probe = { host: target.host, port, isTls: tlsCredentials !== undefined }
    return probeTcp(probe, { signal: this.#stop.signal, clock, times })
  }

  #pauseMs({ intervalSeconds }: Probe, finding: Finding | undefined): number {
    const { random = Math.random } = this.#options
    const interval = intervalSeconds * 1000
    const pause = finding?.found === 'reached' ? interval : Math.min(interval, RETRY_MS)
    return pause * (1 - JITTER + 2 * JITTER * random())
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#unsubscribe()
    this.#stop.abort()
    for (const { timer } of this.#probing.values()) timer?.cancel()
    this.#probing.clear()
    this.#due.clear()
    await Promise.all(this.#underWay)
  }
}
