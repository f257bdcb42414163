import type { ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { LISTENER_PREFIX, listenerStream } from '../../../schemas/events/streams.ts'
import { CONDITIONED_KINDS, type ConditionedKind } from '../../../schemas/resources/kinds.ts'
import { RESOURCES } from '../../../schemas/resources/registry.ts'
import { type LaneQuery, LaneReader } from '../overview/lane-query.ts'
import type { LaneStore } from '../overview/lane-store.ts'
import type { LaneKind, NamedLane } from '../overview/types.ts'
import { Queries } from '../queries/queries.ts'
import type { Page, ResourceFilter, ResourcePageRequest } from '../queries/types.ts'
import { keptTableOf, type QueriedTables } from '../read-models/projections.ts'
import { modelOf, type RowOf } from '../resources/registry.ts'
import type { ModelKeys } from './as-of-tables.ts'
import type { FollowedRows } from './replayed-tables.ts'
import { scopeOf } from './row-version.ts'
import { type TransitionColumns, transitionsOf } from './timeline/condition-transitions.ts'
import type { PastSite } from './types.ts'
import type { SelectedRows, VersionStore } from './version-store.ts'

export type PastQuery =
  | LaneQuery
  | { readonly of: 'resource'; readonly kind: ConditionedKind; readonly namespace: string; readonly name: string }
  | {
      readonly of: 'resources'
      readonly kind: ConditionedKind
      readonly filter: ResourceFilter
      readonly page: ResourcePageRequest
      /** Without what is derived from other rows, which takes half of the time. */
      readonly isPlain: boolean
    }
  | { readonly of: 'lanePorts'; readonly lanes: readonly NamedLane[] }
  | { readonly of: 'sites' }
  | { readonly of: 'entities'; readonly namespace: string }
  | { readonly of: 'rows'; readonly followed: readonly FollowedRows[] }
  | {
      readonly of: 'changes'
      readonly followed: readonly FollowedRows[]
      readonly after: Position
      readonly most: number
    }
  | {
      readonly of: 'transitions'
      readonly kind: ConditionedKind
      readonly namespace: string
      readonly name: string
      readonly type: ConditionType
      /** Includes earlier transitions that determine the state at this position. */
      readonly after: Position
    }
  | {
      readonly of: 'transitionsOfMany'
      readonly namespace?: string | undefined
      readonly name?: string | undefined
      readonly type: ConditionType
      readonly after: Position
      readonly behind: string
      readonly most: number
    }

export interface ListenerTransitions {
  readonly keys: readonly string[]
  readonly transitions: readonly TransitionColumns[]
  readonly hasMore: boolean
}

const selectedIn = (models: ModelKeys, followed: readonly FollowedRows[]): SelectedRows[] =>
  followed.map(({ model, table, rows }) => ({ scope: scopeOf(models[model], table), rows }))

const mapped = <Row, Past>({ rows, ...page }: Page<Row>, past: (row: Row) => Past): Page<Past> => ({
  ...page,
  rows: rows.map(({ cursor, row }) => ({ cursor, row: past(row) })),
})

const laneScopes = (models: ModelKeys): Readonly<Record<LaneKind, string>> => {
  const scopes = CONDITIONED_KINDS.map(keptTableOf).map(({ model, table }) => scopeOf(models[model], table))
  const ofResources = Object.fromEntries(CONDITIONED_KINDS.map((kind, place) => [kind, scopes[place]]))
  return { ...(ofResources as Record<ConditionedKind, string>), Router: scopeOf(models.sites, 'routers') }
}

interface PastSource {
  readonly versions: VersionStore
  readonly lanes: LaneStore
  readonly models: ModelKeys
  readonly tables: QueriedTables
}

export const runPastQuery = (
  { versions, lanes, models, tables }: PastSource,
  asOf: Position,
  query: PastQuery,
): unknown => {
  const queries = new Queries(() => tables)
  const scopes = laneScopes(models)
  const versionsOf = (kind: ConditionedKind, key: string, after: Position) =>
    versions.versions(scopes[kind], key, after, asOf)
  const pastOf = (kind: ConditionedKind) => {
    const model = modelOf(kind)
    return (row: RowOf<ConditionedKind>): object => model.past(row, asOf, tables)
  }
  switch (query.of) {
    case 'resource': {
      const row = queries.resource(query.kind, query.namespace, query.name)
      return row && pastOf(query.kind)(row)
    }
    case 'resources':
      // As text: the rows of a page are cloned in twice the time.
      return JSON.stringify(
        mapped(
          queries.resources(query.kind, query.filter, query.page),
          query.isPlain ? row => ({ ...row, asOf }) : pastOf(query.kind),
        ),
      )
    case 'lanePorts':
      return query.lanes.map(({ kind, namespace, name }) =>
        kind === 'Router' ? undefined : queries.resource(kind, namespace, name)?.spec.port,
      )
    case 'sites':
      return queries
        .sites()
        .map((row): PastSite => ({ ...row, asOf, router: queries.router(row), reaches: queries.reachedSites(row) }))
    case 'entities':
      return queries.entities(query.namespace)
    case 'rows':
      return selectedIn(models, query.followed).flatMap((selected, selection) =>
        versions.select(selected).flatMap(key => {
          const row = versions.row(selected.scope, key, asOf)
          return row === undefined ? [] : [[selection, key, row]]
        }),
      )
    case 'changes': {
      const { after, most } = query
      return versions.changes(selectedIn(models, query.followed), { after, to: asOf, most })
    }
    case 'laneRefs':
    case 'laneSummaries':
    case 'drawnLanes':
    case 'conditionLanes':
    case 'laneChanges':
    case 'codesBegun':
      return new LaneReader(lanes, scopes).answer(query)
    case 'transitions': {
      const { kind, namespace, name, after, type } = query
      return transitionsOf(versionsOf(kind, RESOURCES[kind].stream(namespace, name), after), type)
    }
    case 'transitionsOfMany': {
      const { namespace, name, type, after, behind, most } = query
      const suffix = name === undefined ? '' : `.${name}`
      const prefix = namespace === undefined ? LISTENER_PREFIX : listenerStream(namespace, '')
      const all = versions.keys(scopes.Listener, prefix).filter(key => key > behind && key.endsWith(suffix))
      const keys = all.slice(0, most)
      const transitions = keys.map(key => transitionsOf(versionsOf('Listener', key, after), type))
      return { keys, transitions, hasMore: all.length > most } satisfies ListenerTransitions
    }
  }
}
