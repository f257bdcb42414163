import type { LimitFunction } from 'p-limit'
import { disjoint } from '../../../projections/shared/observation.ts'
import { CONDITIONS } from '../../../schemas/resources/conditions.ts'
import type { PastQuery } from '../history/as-of-query.ts'
import type { History } from '../history/history.ts'
import type { ObservedTime } from '../history/observed-time.ts'
import type { DrawnLane, GapsByNamespace, LaneQueryWindow, LaneRef, LaneRefPage, LaneSummary } from './lane-query.ts'
import { type ColumnText, type ConditionLane, LANE_KINDS, type LanesRequest } from './types.ts'

/** Lanes per call to the thread; other calls run in between. */
const AT_ONCE = 50

interface WindowQueriesOptions {
  readonly history: History
  readonly observed: ObservedTime
  readonly window: LaneQueryWindow
  /** Other queries wait for one of these at most. */
  readonly inTurn: LimitFunction
}

const slices = <T>(items: readonly T[]): (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, slice) =>
    items.slice(slice * AT_ONCE, (slice + 1) * AT_ONCE),
  )

export class WindowQueries {
  readonly #options: WindowQueriesOptions

  constructor(options: WindowQueriesOptions) {
    this.#options = options
  }

  /** A page in the order of names: to send all lanes from one thread to the other would take most of the time. */
  refs({ namespaces, kinds = LANE_KINDS, name }: LanesRequest, after: string, first: number): Promise<LaneRefPage> {
    const inOrder = LANE_KINDS.filter(kind => kinds.includes(kind))
    return this.#run({ of: 'laneRefs', kinds: inOrder, namespaces, name, window: this.#options.window, after, first })
  }

  summaries(lanes: readonly LaneRef[]): Promise<readonly LaneSummary[]> {
    return this.#inSlices(lanes, slice => ({ of: 'laneSummaries', ...this.#about(slice) }))
  }

  drawn(lanes: readonly LaneRef[], resolution: number): Promise<readonly DrawnLane[]> {
    return this.#inSlices(lanes, slice => ({ of: 'drawnLanes', resolution, ...this.#about(slice) }))
  }

  async conditions(ref: LaneRef, resolution: number): Promise<readonly ConditionLane[]> {
    if (ref.kind === 'Router') return []
    const types = CONDITIONS[ref.kind]
    const [segments = []] = await this.#run<ColumnText[][]>({
      of: 'conditionLanes',
      resolution,
      types,
      ...this.#about([ref]),
    })
    return types.map((type, place) => ({ type, segments: segments[place] as ColumnText }))
  }

  /** Undefined for routers. */
  ports(lanes: readonly LaneRef[]): Promise<readonly (number | undefined)[]> {
    return this.#inSlices(lanes, slice => ({ of: 'lanePorts', lanes: slice }))
  }

  #run<Answer>(query: PastQuery): Promise<Answer> {
    const { history, window, inTurn } = this.#options
    return inTurn(() => history.query<Answer>(window.until, query))
  }

  async #inSlices<Answer>(
    lanes: readonly LaneRef[],
    query: (slice: readonly LaneRef[]) => PastQuery,
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = []
    for (const slice of slices(lanes)) answers.push(...(await this.#run<Answer[]>(query(slice))))
    return answers
  }

  #about(lanes: readonly LaneRef[]) {
    const { observed, window } = this.#options
    const namespaces = new Set(lanes.map(({ namespace }) => namespace))
    const gaps: GapsByNamespace = new Map(
      Array.from(namespaces, namespace => [namespace, disjoint(observed.gapsBefore(namespace, window.to))]),
    )
    return { lanes, window, gaps }
  }
}
