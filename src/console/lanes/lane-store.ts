import { computed, signal } from '@preact/signals'
import { LanesDocument, type LanesQueryVariables } from '../api/generated.ts'
import { LatestTask } from '../api/latest-task.ts'
import { ApiError, request } from '../api/request.ts'
import { isoTime } from '../time/format-time.ts'
import { spanOf, type TimeWindow } from '../time/time-window.ts'
import { type LaneFilter, NO_FILTER } from './filter.ts'
import { keyOf, type Lane, type LaneNode, laneOf } from './lane.ts'
import { CONDITION_HEIGHT, layoutOf } from './row-layout.ts'

/** The lane is made when it is shown: most loaded rows are outside the view. */
class Row {
  readonly cursor: string
  readonly key: string
  readonly #make: () => Lane
  #lane: Lane | undefined

  constructor(cursor: string, node: LaneNode, from: number, to: number) {
    this.cursor = cursor
    this.key = keyOf(node)
    this.#make = () => laneOf(node, from, to)
  }

  get lane(): Lane {
    this.#lane ??= this.#make()
    return this.#lane
  }
}

/** A lane is at most that detailed. */
const MOST_CELLS = 2000
/** Beyond those in view. */
const MORE_ROWS = 4
/** A response is parsed in one go, which must not hold up the page. */
const MOST_ROWS = 40
/** Rows that are scrolled past are loaded for their cursors. */
const MOST_PASSED = 200
const PASSED_CELLS = 1
const MARGIN = 0.25

export class LaneStore {
  readonly filter = signal<LaneFilter>(NO_FILTER)
  readonly rows = signal<readonly (Row | undefined)[]>([])
  readonly total = signal<number | undefined>(undefined)
  readonly error = signal<ApiError | undefined>(undefined)
  readonly unfolded = signal<ReadonlySet<string>>(new Set())
  readonly layout = computed(() => {
    const extra: [number, number][] = []
    if (this.unfolded.value.size > 0)
      this.rows.value.forEach((row, index) => {
        if (row && this.unfolded.value.has(row.key)) extra.push([index, row.lane.conditions.length * CONDITION_HEIGHT])
      })
    return layoutOf(this.total.value ?? 0, extra)
  })
  /** Rows and cursors of another filter or order are of no use. */
  #loadedFilter: LaneFilter = NO_FILTER
  readonly #tasks = new LatestTask()

  lane(index: number): Lane | undefined {
    return this.rows.value[index]?.lane
  }

  toggle(key: string): void {
    const next = new Set(this.unfolded.peek())
    if (!next.delete(key)) next.add(key)
    this.unfolded.value = next
  }

  end(): void {
    this.#tasks.end()
  }

  load(window: TimeWindow, width: number, first: number, end: number): void {
    this.#tasks.start(async (stop, mayStop) => {
      try {
        for await (const _ of this.#load(window, width, first, end, stop)) mayStop()
        this.error.value = undefined
      } catch (error) {
        if (!stop.aborted)
          this.error.value = error instanceof ApiError ? error : new ApiError(String(error), 'INTERNAL')
      }
    }, true)
  }

  setFilter(filter: LaneFilter): void {
    this.filter.value = filter
  }

  #isByName(): boolean {
    const { order, wasNotReady } = this.filter.peek()
    return order === 'Name' && !wasNotReady
  }

  namesBefore(index: number): Pick<LanesQueryVariables, 'filter' | 'after'> {
    const { name, namespace, kinds } = this.filter.value
    const after = this.#isByName() && index > 0 ? this.rows.value[index - 1]?.cursor : undefined
    return {
      filter: {
        ...(name !== '' && { name }),
        ...(namespace !== '' && { namespace }),
        ...(kinds.length > 0 && { kinds: [...kinds] }),
      },
      ...(after !== undefined && { after }),
    }
  }

  #variables(window: TimeWindow, width: number): Omit<LanesQueryVariables, 'first'> {
    const { status, wasNotReady, order } = this.filter.peek()
    const margin = spanOf(window) * (this.#isByName() ? MARGIN : 0)
    return {
      from: { time: isoTime(window.from - margin) },
      to: { time: isoTime(window.to + margin) },
      resolution: Math.min(Math.max(Math.round(width * (1 + 2 * MARGIN)), 1), MOST_CELLS),
      filter: {
        ...this.namesBefore(0).filter,
        ...(status !== '' && { statuses: [status] }),
        ...(wasNotReady && { notReadyInWindow: true }),
      },
      orderBy: order,
      hasConditions: this.unfolded.peek().size > 0,
    }
  }

  /** Yields when the rows of a page are shown. */
  async *#load(window: TimeWindow, width: number, first: number, end: number, stop: AbortSignal): AsyncGenerator<void> {
    const filter = this.filter.peek()
    const isByName = this.#isByName()
    const known = this.#loadedFilter === filter ? this.rows.peek() : []
    // Other orders and filters depend on the window, so that cursors of another window are of no use.
    let index = isByName ? first : 0
    while (index > 0 && known[index - 1] === undefined) index -= 1
    const rows = isByName ? [...known] : []
    let after = index > 0 ? known[index - 1]?.cursor : undefined
    do {
      const page =
        index < first
          ? { first: Math.min(first - index, MOST_PASSED), resolution: PASSED_CELLS }
          : { first: Math.min(Math.max(end - index, 1) + MORE_ROWS, MOST_ROWS) }
      const variables = { ...this.#variables(window, width), ...page, ...(after && { after }) }
      const { statusLanes } = await request(LanesDocument, variables, stop)
      if (stop.aborted || this.filter.peek() !== filter) return
      const [from, to] = [Date.parse(statusLanes.from), Date.parse(statusLanes.to)]
      statusLanes.edges.forEach(({ cursor, node }, offset) => {
        rows[index + offset] = new Row(cursor, node, from, to)
      })
      this.#loadedFilter = filter
      index += statusLanes.edges.length
      after = statusLanes.pageInfo.hasNextPage ? (statusLanes.pageInfo.endCursor ?? undefined) : undefined
      // In another order, the rows before are of another window until those in view have arrived.
      if (!isByName && index <= first && after !== undefined) continue
      rows.length = statusLanes.totalCount
      this.total.value = statusLanes.totalCount
      this.rows.value = [...rows]
      yield
    } while (index < end && after !== undefined)
  }
}
