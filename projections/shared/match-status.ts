import type { EventTypeOf, HarkEvent } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import type { DraftTable } from '../kit/draft.ts'
import { type CommandResult, toCommandResult } from './command-result.ts'
import { type ConditionResult, failed, OK, pending } from './evaluate-conditions.ts'
import type { ObjectMeta } from './object-meta.ts'
import { NO_ROUTER, type RouterConnection, reduceRouterConnection, unknownBy } from './router-connection.ts'

export interface RouterReport {
  readonly generation: number
  readonly state: 'accepted' | 'refused' | 'opened' | 'failed' | 'drifted' | 'unfit'
  readonly message: string
}

export interface ReportedResource extends ObjectMeta {
  readonly spec: object
  readonly router?: RouterReport
}

/** Connectors match listeners, and listeners match connectors. */
export interface Counterpart {
  readonly seenFrom?: string
  readonly routingKey: string
}

export const seenKey = (namespace: string, identity: string): string => `seen/${namespace}/${identity}`

export const seenIdentity = (namespace: string, key: string): string => key.slice(seenKey(namespace, '').length)

/** Separates observations of each router from declarations. */
export const matchIndex = (routingKey: string, seenFrom = ''): string => `${seenFrom} ${routingKey}`

/** A connected router's view takes precedence over declarations. */
export const matchOf = (namespace: string, routingKey: string, router: RouterConnection | undefined): string =>
  matchIndex(routingKey, router?.connection === 'Connected' ? namespace : '')

/** Whether a resource has a counterpart, as far as its router shows it. */
export const matchResult = (
  router: RouterConnection | undefined,
  hasCounterpart: boolean,
  unmatched: string,
): ConditionResult => {
  if (router?.connection === 'Connecting') return unknownBy(router)
  return hasCounterpart ? OK : pending(unmatched)
}

/** Resources of other types are never configured. */
export const unsupportedType = (type: string): string | undefined =>
  type === 'tcp' ? undefined : `Not Configured: Skupper routes TCP only, and the type is ${type}`

/** @param obstacle the reason why no router could configure the resource */
const configuredResult = (
  { router: report, generation }: { readonly generation: number; readonly router?: RouterReport },
  router: RouterConnection | undefined,
  obstacle?: string,
): ConditionResult => {
  if (router?.connection === 'Connecting') return unknownBy(router)
  if (obstacle !== undefined) return pending(obstacle)
  if (router === undefined || router.connection === 'Detached') return pending(NO_ROUTER)
  if (report === undefined || report.generation !== generation) return pending('Not Configured')
  if (report.state === 'drifted') return pending(report.message)
  return report.state === 'accepted' || report.state === 'opened' ? OK : failed(report.message)
}

/** From what a row is evaluated. */
interface Evaluation<Row> {
  readonly before: Row | undefined
  readonly router: RouterConnection | undefined
  readonly configured: ConditionResult
  readonly time: string
  /** False while the router's view is unknown. */
  hasCounterpart(routingKey: string): boolean
}

export interface StatusRules<Resource extends ReportedResource, Row extends Resource, Other extends Counterpart> {
  stream(namespace: string, name: string): string
  /** The reason why no router could configure it. */
  unconfigurable?(resource: Resource): string | undefined
  evaluated(resource: Resource, evaluation: Evaluation<Row>): Row
  /** Of the same resource. */
  isSame(before: Row, after: Row): boolean
  /** Whether the row depends on which counterparts match; `match` is the index value of one that has changed. */
  showsCounterpart?(row: Row, match: string, router: RouterConnection | undefined): boolean
  /** Returns `before` itself if nothing has changed. */
  merged(before: Other, next: Other): Other
}

interface MatchTables<Row, Other> {
  readonly resources: DraftTable<Row>
  /** The keys of the resources that have a routing key. */
  keysWithRoutingKey(routingKey: string): readonly string[]
  readonly deleted: DraftTable<{ readonly revision: number }>
  readonly counterparts: DraftTable<Other>
  readonly routers: DraftTable<RouterConnection>
  readonly commandResults: DraftTable<CommandResult<Row>>
}

type Report = HarkEvent<EventTypeOf<'listenerReport' | 'connectorReport' | 'multiKeyListenerReport'>>

/** The rows of one kind, whose status depends on reports of routers and on counterparts. */
export class MatchStatus<Resource extends ReportedResource, Row extends Resource, Other extends Counterpart> {
  readonly #rules: StatusRules<Resource, Row, Other>
  readonly #tables: MatchTables<Row, Other>
  readonly #event: HarkEvent

  constructor(rules: StatusRules<Resource, Row, Other>, tables: MatchTables<Row, Other>, event: HarkEvent) {
    this.#rules = rules
    this.#tables = tables
    this.#event = event
  }

  create(resource: Resource): void {
    this.#tables.deleted.remove(this.#event.stream)
    this.#refresh(this.#event.stream, resource)
  }

  update(change: (row: Row) => Resource): void {
    const row = this.#tables.resources.get(this.#event.stream)
    if (row !== undefined) this.#refresh(this.#event.stream, change(row))
  }

  /** Keeps the stream's revision for a later resource of the same name. */
  delete(): void {
    this.#tables.resources.remove(this.#event.stream)
    this.#tables.deleted.put(this.#event.stream, { revision: this.#event.revision })
  }

  putCounterpart(key: string, counterpart: Other): void {
    const { counterparts } = this.#tables
    const before = counterparts.get(key)
    const next = before === undefined ? counterpart : this.#rules.merged(before, counterpart)
    if (next === before) return
    counterparts.put(key, next)
    if (before !== undefined && before.routingKey !== next.routingKey) this.#refreshMatched(before)
    this.#refreshMatched(next)
  }

  removeCounterpart(key: string): void {
    const before = this.#tables.counterparts.get(key)
    if (before === undefined) return
    this.#tables.counterparts.remove(key)
    this.#refreshMatched(before)
  }

  report({ data }: Report, state: RouterReport['state']): void {
    const message = 'message' in data ? data.message : 'OK'
    this.amend(data, row => ({ ...row, router: { generation: data.generation, state, message } }))
  }

  /**
   * Ignores reports about deleted resources, even if another has the name.
   *
   * @param change returns undefined to ignore the report
   */
  amend(
    { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
    change: (row: Row) => Row | undefined,
  ): void {
    const key = this.#rules.stream(namespace, name)
    const row = this.#tables.resources.get(key)
    const changed = row?.uid === uid ? change(row) : undefined
    if (changed === undefined) return
    this.#tables.resources.put(key, changed)
    this.#refresh(key)
  }

  setRouter(event: HarkEvent<EventTypeOf<'connection'>>): void {
    const { namespace } = event.data
    const { routers, resources } = this.#tables
    const router = reduceRouterConnection(routers.get(namespace), event)
    if (router === undefined) return
    if (event.type === 'RouterAttached') this.#clearRouterState(namespace)
    routers.put(namespace, router)
    for (const key of resources.keysWhere('namespace', namespace)) this.#refresh(key)
  }

  /** Reports of an earlier router do not apply to a newly attached one. */
  #clearRouterState(namespace: string): void {
    const { resources, counterparts } = this.#tables
    for (const key of counterparts.keysWhere('seenFrom', namespace)) counterparts.remove(key)
    for (const key of resources.keysWhere('namespace', namespace)) {
      const row = resources.get(key)
      if (row?.router !== undefined) resources.put(key, withoutReport(row))
    }
  }

  recordCommandResult(event: RecordedEvent<string, { readonly uid: string }>): void {
    const { commandId } = event.metadata
    if (commandId === undefined) return
    this.#tables.commandResults.put(commandId, toCommandResult(event, this.#tables.resources.get(event.stream)))
  }

  #refreshMatched({ routingKey, seenFrom }: Counterpart): void {
    for (const key of this.#tables.keysWithRoutingKey(routingKey))
      this.#refresh(key, undefined, matchIndex(routingKey, seenFrom))
  }

  /**
   * Writes the row only if it has changed.
   * @param match the `match` index value of a changed counterpart
   */
  #refresh(key: string, changed?: Resource, match?: string): void {
    const rules = this.#rules
    const before = this.#tables.resources.get(key)
    const resource = changed ?? before
    if (resource === undefined) return
    const { namespace } = resource
    const router = this.#tables.routers.get(namespace)
    const row = rules.evaluated(resource, {
      before,
      router,
      configured: configuredResult(resource, router, rules.unconfigurable?.(resource)),
      time: this.#event.time,
      hasCounterpart: routingKey =>
        router?.connection !== 'Connecting' &&
        this.#tables.counterparts.hasAny('match', matchOf(namespace, routingKey, router)),
    })
    const isUnchanged = before !== undefined && changed === undefined && rules.isSame(before, row)
    if (isUnchanged && !(match !== undefined && rules.showsCounterpart?.(row, match, router))) return
    this.#tables.resources.put(key, { ...row, resourceVersion: this.#event.position })
  }
}

const withoutReport = <Row extends { readonly router?: unknown }>({ router: _, ...row }: Row): Row => row as Row
