import { RE2JS } from 're2js'
import type { ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import type { Gap } from '../../../projections/shared/observation.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import { markText, segmentText } from './column-text.ts'
import { emptyMarks, LaneCells, markCells, segmentsOf } from './lane-cells.ts'
import { type ChangesWanted, changesOf, codeBegunAt, type LaneChange, selectChanges } from './lane-changes.ts'
import { emptyColumns, type LaneColumns } from './lane-entries.ts'
import { type OrderedPage, orderOf, pageBehind } from './lane-order.ts'
import { existedIn, type LaneRun, notReadyTime, runsOf } from './lane-runs.ts'
import { LANE_CODE } from './lane-status.ts'
import type { LaneKey, LaneStore } from './lane-store.ts'
import type { ColumnText, LaneKind, LaneWindow, NamedLane } from './types.ts'

export interface LaneQueryWindow extends LaneWindow {
  readonly after: Position
  readonly until: Position
}

export interface LaneRef extends LaneKey, NamedLane {
  readonly order: string
}

export type LaneRefPage = OrderedPage<LaneRef>

export interface LaneSummary {
  /** A LANE_CODE. */
  readonly code: number
  readonly notReady: number
}

export interface DrawnLane extends LaneSummary {
  readonly segments: ColumnText
  readonly marks: ColumnText
}

export type GapsByNamespace = ReadonlyMap<string, readonly Gap[]>

interface OfLanes {
  readonly lanes: readonly LaneRef[]
  readonly window: LaneQueryWindow
  readonly gaps: GapsByNamespace
}

export type LaneQuery =
  | {
      readonly of: 'laneRefs'
      readonly kinds: readonly LaneKind[]
      readonly namespaces: readonly string[] | undefined
      readonly name: string | undefined
      readonly window: LaneQueryWindow
      readonly after: string
      readonly first: number
    }
  | ({ readonly of: 'laneSummaries' } & OfLanes)
  | ({ readonly of: 'drawnLanes'; readonly resolution: number } & OfLanes)
  | {
      readonly of: 'laneChanges'
      readonly lane: NamedLane
      readonly until: Position
      readonly wanted: ChangesWanted
      readonly gaps: readonly Gap[]
    }
  | {
      readonly of: 'codesBegun'
      readonly events: readonly { readonly lane: NamedLane; readonly position: Position }[]
      readonly gaps: GapsByNamespace
    }
  | ({ readonly of: 'conditionLanes'; readonly resolution: number; readonly types: readonly ConditionType[] } & OfLanes)

export type SentChange = LaneChange & { readonly message: string }

type LaneScopes = Readonly<Record<LaneKind, string>>

/** A router is named like its namespace. */
const laneIn = (kind: LaneKind, key: string): NamedLane => {
  const text = kind === 'Router' ? key : key.slice(RESOURCES[kind].prefix.length)
  const dot = text.indexOf('.')
  const [namespace, name] = dot === -1 ? [text, text] : [text.slice(0, dot), text.slice(dot + 1)]
  return { kind, namespace, name }
}

const summaryOf = (runs: readonly LaneRun[], { to }: LaneWindow): LaneSummary => ({
  code: runs.at(-1)?.code ?? LANE_CODE.absent,
  notReady: notReadyTime(runs, to),
})

/** Runs in the history thread. */
export class LaneReader {
  readonly #store: LaneStore
  readonly #scopes: LaneScopes
  readonly #columns = emptyColumns()
  readonly #marks = emptyMarks()

  constructor(store: LaneStore, scopes: LaneScopes) {
    this.#store = store
    this.#scopes = scopes
  }

  answer(query: LaneQuery): unknown {
    switch (query.of) {
      case 'laneRefs':
        return this.#refs(query)
      case 'laneSummaries':
        return query.lanes.map(lane => this.#summary(lane, query))
      case 'drawnLanes':
        return query.lanes.map(lane => this.#drawn(lane, query))
      case 'conditionLanes':
        return query.lanes.map(lane => this.#conditions(lane, query))
      case 'laneChanges':
        return this.#changes(query)
      case 'codesBegun':
        return query.events.map(event => this.#codeBegun(event, query.gaps))
    }
  }

  #refs({ kinds, namespaces, name, window, after, first }: LaneQuery & { readonly of: 'laneRefs' }): LaneRefPage {
    const wanted = namespaces === undefined ? undefined : new Set(namespaces)
    const pattern = name === undefined ? undefined : RE2JS.compile(name)
    const found: { readonly order: string; readonly key: LaneKey; readonly lane: NamedLane }[] = []
    for (const kind of kinds) {
      for (const key of this.#store.keys(this.#scopes[kind])) {
        const lane = laneIn(kind, key.key)
        if (wanted !== undefined && !wanted.has(lane.namespace)) continue
        if (pattern !== undefined && !pattern.matcher(lane.name).find()) continue
        if (this.#hasExisted(key, window)) found.push({ order: orderOf(lane), key, lane })
      }
    }
    const page = pageBehind(found, after, first)
    return { ...page, items: page.items.map(({ order, key, lane }) => ({ ...key, ...lane, order })) }
  }

  #hasExisted(key: LaneKey, window: LaneQueryWindow): boolean {
    const { id, first, last, codes, wasRemoved } = key
    if (first > window.until || wasRemoved === 0) return first <= window.until
    if (last <= window.after) return codes !== 0
    if (last <= window.until && codes !== 0) return true
    return existedIn(this.#read(id, window), window.from)
  }

  #find({ kind, namespace, name }: NamedLane): LaneKey | undefined {
    const key = kind === 'Router' ? namespace : RESOURCES[kind].stream(namespace, name)
    return this.#store.find(this.#scopes[kind], key)
  }

  #changes({ lane, until, wanted, gaps }: LaneQuery & { readonly of: 'laneChanges' }): SentChange[] {
    const key = this.#find(lane)
    if (key === undefined) return []
    const changes = changesOf(this.#read(key.id, { after: 0, until }), gaps, wanted.to)
    return selectChanges(changes, wanted).map(change => {
      const { message } = change
      return { ...change, message: typeof message === 'number' ? this.#store.text(message) : message }
    })
  }

  #codeBegun(
    { lane, position }: { readonly lane: NamedLane; readonly position: Position },
    gaps: GapsByNamespace,
  ): number | undefined {
    const key = this.#find(lane)
    if (key === undefined) return undefined
    const columns = this.#read(key.id, { after: position - 1, until: position })
    return codeBegunAt(columns, position, gaps.get(lane.namespace) ?? [])
  }

  #read(id: number, { after, until }: Pick<LaneQueryWindow, 'after' | 'until'>): LaneColumns {
    const columns = this.#columns
    columns.length = 0
    this.#store.read(id, after, until, columns)
    while (columns.length > 0 && (columns.position[columns.length - 1] as number) > until) columns.length -= 1
    return columns
  }

  #summary({ id, namespace }: LaneRef, { window, gaps }: OfLanes): LaneSummary {
    return summaryOf(runsOf(this.#read(id, window), 'Ready', window, gaps.get(namespace) ?? []), window)
  }

  #drawn(
    { id, namespace }: LaneRef,
    { window, gaps, resolution }: OfLanes & { readonly resolution: number },
  ): DrawnLane {
    const columns = this.#read(id, window)
    const cells = new LaneCells(window, resolution)
    const textOf = (text: number) => this.#store.text(text)
    const runs = runsOf(columns, 'Ready', window, gaps.get(namespace) ?? [])
    markCells(columns, cells, window, this.#marks)
    return {
      ...summaryOf(runs, window),
      segments: segmentText(segmentsOf(runs, cells, window.to), window.from, textOf),
      marks: markText(this.#marks, window.from, textOf),
    }
  }

  #conditions(
    { id, namespace }: LaneRef,
    { window, gaps, resolution, types }: LaneQuery & { readonly of: 'conditionLanes' },
  ): ColumnText[] {
    const columns = this.#read(id, window)
    const cells = new LaneCells(window, resolution)
    return types.map(type => {
      const runs = runsOf(columns, type, window, gaps.get(namespace) ?? [])
      const segments = segmentsOf(runs, cells, window.to)
      const silent = segments.map(segment => ({ ...segment, message: undefined }))
      return segmentText(silent, window.from, String)
    })
  }
}
