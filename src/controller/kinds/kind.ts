import type { AnyConditions } from '../../../projections/shared/evaluate-conditions.ts'
import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { ObjectMeta } from '../../../projections/shared/object-meta.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import type { EventType } from '../../../schemas/events/events.ts'
import type { ManagedType } from '../../../schemas/router-entities.ts'
import type { LiveReadModels } from '../../engine/engine.ts'
import type { Projected } from '../../engine/read-models/projector.ts'
import type { Clock } from '../../lib/clock.ts'
import type { NetworkEndpoint, NetworkView } from '../../router/vanflow/network-view.ts'
import type { FindPortHolder } from '../port-holders/port-holder.ts'
import type { EndpointIndex } from '../reports/endpoint-index.ts'
import type { EntityFindings, EntityReport } from '../reports/entity-report.ts'
import type { EntityStates, ExposedTargets } from '../reports/target-failures.ts'

export interface ControlledRow extends ObjectMeta {
  readonly spec: { readonly tlsCredentials?: string | undefined }
  readonly router?: RouterReport
  readonly conditions: AnyConditions
}

export interface ReportContext {
  readonly site: ExposedTargets & { connection(): RouterConnection | undefined }
  readonly entities: EntityStates
  readonly network: NetworkView
  readonly index: EndpointIndex
  readonly clock: Pick<Clock, 'now' | 'setTimeout'>
  readonly isAlone: () => boolean
  /** Undefined if processes beside the router cannot be searched. */
  readonly findPortHolder: FindPortHolder | undefined
  /** The time after which a matched listener's closed socket counts as failed. */
  readonly openTimeoutMs: number
}

export interface KindReports<Row> {
  /** Undefined: nothing is known yet. `undecided`: another report is about to follow. */
  report(row: Row, findings: EntityFindings): EntityReport | 'undecided' | undefined
  /** The report at the first observation after an absence, without what takes time to find. */
  correction(row: Row, findings: EntityFindings): EntityReport | undefined
  remove?(name: string): void
}

export interface ControlledKind<Row extends ControlledRow = ControlledRow> {
  /** Entities beside the one of its name. */
  parts?(row: Row): readonly { readonly type: ManagedType; readonly name: string }[]
  readonly counterpart: NetworkEndpoint['kind']
  readonly events: Readonly<Partial<Record<EventType, RouterReport['state']>>>
  table(serving: LiveReadModels['serving']): {
    get(key: string): Row | undefined
    where(index: 'namespace' | 'routingKey', value: string): Iterable<Row>
  }
  changed(changes: Projected['changes']): readonly { readonly namespace: string; readonly name: string }[]
  endpoints(row: Row, index: EndpointIndex): Iterable<string>
  createReports(context: ReportContext, onChange: (name: string) => void): KindReports<Row>
}
