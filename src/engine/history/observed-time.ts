import { type Gap, gapAt } from '../../../projections/shared/observation.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { BEGINNING, type Position } from '../../../schemas/events/recorded-event.ts'
import type { Projector } from '../read-models/projector.ts'
import type { ReadModels } from '../read-models/read-models.ts'
import type { History } from './history.ts'
import type { Unobserved } from './types.ts'

export type LastWatched = (namespace: string, router: RouterConnection) => number | undefined

/** The log holds no reports of times in which no engine watched. */
export class ObservedTime {
  readonly #models: ReadModels
  readonly #history: History
  readonly #projector: Projector
  readonly #lastWatched: LastWatched | undefined

  constructor(models: ReadModels, history: History, projector: Projector, lastWatched?: LastWatched) {
    this.#models = models
    this.#history = history
    this.#projector = projector
    this.#lastWatched = lastWatched
  }

  gapsOf(namespace: string): readonly Gap[] {
    const { routers, unobserved } = this.#models.serving.sites.tables
    const gaps: Gap[] = [...unobserved.where('namespace', namespace)].sort((a, b) => a.position - b.position)
    const router = routers.get(namespace)
    const end = router && this.#endOf(namespace, router)
    if (end === undefined) return gaps
    const { position } = this.#projector.head
    return [...gaps, { from: end, to: Infinity, position, since: new Date(end).toISOString() }]
  }

  gapsBefore(namespace: string, time: number): readonly Gap[] {
    return this.gapsOf(namespace).filter(({ from }) => from < time)
  }

  #endOf(namespace: string, router: RouterConnection): number | undefined {
    if (this.#lastWatched === undefined || router.connection !== 'Connected') return undefined
    const last = this.#lastWatched(namespace, router) ?? Date.parse(this.#projector.head.time)
    return Math.max(last, Date.parse(router.since))
  }

  at(time: number): Unobserved {
    const found = new Map<string, string>()
    for (const namespace of this.#namespaces()) {
      const gap = gapAt(this.gapsOf(namespace), time)
      if (gap !== undefined) found.set(namespace, gap.since)
    }
    return found
  }

  /** An event in the millisecond in which a gap begins was still observed. */
  async after(position: Position): Promise<Unobserved> {
    const found = new Map<string, string>()
    for (const namespace of this.#namespaces()) {
      const gap = this.gapsOf(namespace).find(({ to, position: reported }) => position < reported || to === Infinity)
      if (gap === undefined) continue
      if (((await this.#history.positionAt(gap.from)) ?? BEGINNING) < position) found.set(namespace, gap.since)
    }
    return found
  }

  #namespaces(): readonly string[] {
    return this.#models.serving.sites.tables.routers.sortedKeys()
  }

  get isOver(): boolean {
    return this.#lastWatched !== undefined
  }

  present(): number {
    // The store's clock may be ahead of this one.
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
