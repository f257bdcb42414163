import { type Gap, gapAt } from '../../../projections/shared/observation.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { History } from './history.ts'

/** Until when the engine that last drove a router watched it, in milliseconds since 1970; undefined where that is not known. */
export type LastWatched = (namespace: string, router: RouterConnection) => number | undefined

/** By namespace, since when no engine had watched its router. */
export type Unobserved = ReadonlyMap<string, string>

/** Which times the log says something of, and which it does not because no engine watched. */
export class ObservedTime {
  readonly #models: ReadModels
  readonly #history: History
  readonly #projector: Projector
  readonly #lastWatched: LastWatched | undefined

  /** @param lastWatched where no engine follows the log: then its time ends with what was watched last */
  constructor(models: ReadModels, history: History, projector: Projector, lastWatched?: LastWatched) {
    this.#models = models
    this.#history = history
    this.#projector = projector
    this.#lastWatched = lastWatched
  }

  /** The times in which no engine watched the router of a namespace, in the order in which the log tells of them. */
  gapsOf(namespace: string): readonly Gap[] {
    const { routers, unobserved } = this.#models.serving.sites.tables
    const gaps: Gap[] = [...unobserved.where('namespace', namespace)].sort((a, b) => a.position - b.position)
    const router = routers.get(namespace)
    const end = router && this.#endOf(namespace, router)
    if (end === undefined) return gaps
    const { position } = this.#projector.head
    return [...gaps, { from: end, to: Infinity, position, since: new Date(end).toISOString() }]
  }

  /** Those that begin before a time in milliseconds since 1970. */
  gapsBefore(namespace: string, time: number): readonly Gap[] {
    return this.gapsOf(namespace).filter(({ from }) => from < time)
  }

  /** When a router that the log has as connected was watched last; undefined where an engine follows the log. */
  #endOf(namespace: string, router: RouterConnection): number | undefined {
    if (this.#lastWatched === undefined || router.connection !== 'Connected') return undefined
    const last = this.#lastWatched(namespace, router) ?? Date.parse(this.#projector.head.time)
    return Math.max(last, Date.parse(router.since))
  }

  /** @param time in milliseconds since 1970 */
  at(time: number): Unobserved {
    const found = new Map<string, string>()
    for (const namespace of this.#namespaces()) {
      const gap = gapAt(this.gapsOf(namespace), time)
      if (gap !== undefined) found.set(namespace, gap.since)
    }
    return found
  }

  /** After an event: what was recorded in the very moment in which a gap began was still seen. */
  async after(position: Position): Promise<Unobserved> {
    const found = new Map<string, string>()
    for (const namespace of this.#namespaces()) {
      const gap = this.gapsOf(namespace).find(({ to, position: told }) => position < told || to === Infinity)
      if (gap === undefined) continue
      if (((await this.#history.positionAt(gap.from)) ?? BEGINNING) < position) found.set(namespace, gap.since)
    }
    return found
  }

  #namespaces(): readonly string[] {
    return this.#models.serving.sites.tables.routers.sortedKeys()
  }

  /** Whether no engine follows the log, so that nothing is known of now. */
  get isOver(): boolean {
    return this.#lastWatched !== undefined
  }

  /** Up to when the log tells anything: now, or the last moment that is known of where no engine follows it any more. */
  present(): number {
    // Events bear the time of the store's clock, which may be ahead of this one.
    const recorded = Date.parse(this.#projector.head.time)
    if (this.#lastWatched === undefined) return Math.max(Date.now(), recorded)
    const { routers } = this.#models.serving.sites.tables
    const ends = this.#namespaces().map(namespace => {
      const router = routers.get(namespace)
      return (router && this.#endOf(namespace, router)) ?? recorded
    })
    return Math.max(recorded, ...ends)
  }
}
