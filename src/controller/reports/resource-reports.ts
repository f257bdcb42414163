import type { RouterReport } from '../../../projections/shared/match-status.ts'
import type { RouterEvent } from '../../../schemas/events/events.ts'
import { CONDITIONED_KINDS, type ConditionedKind } from '../../../schemas/resources/kinds.ts'
import { entityName, entityType, type ResourceId } from '../../../schemas/router-entities.ts'
import type { BundleFolder } from '../certificates/bundle-folder.ts'
import { bundleUse } from '../certificates/bundle-use.ts'
import type { EntityState } from '../entities/entity-record.ts'
import type { ControlledRow, KindReports, ReportContext } from '../kinds/kind.ts'
import { controlled } from '../kinds/registry.ts'
import type { DriverConflict } from '../lease/driver-conflict.ts'
import type { SiteState } from '../site-state.ts'
import { type EntityReport, isChanged } from './entity-report.ts'

const LOST = 'The router does not have it any more: it is being given again'

const LONGEST_MESSAGE = 1000

export interface ResourceReportsOptions extends ReportContext {
  readonly site: SiteState
  readonly bundles: BundleFolder
  readonly conflict: Pick<DriverConflict, 'yields' | 'message'>
  readonly onChange: (resource: ResourceId) => void
}

const truncate = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message

const isConfigured = ({ router, generation }: ControlledRow): boolean =>
  router?.generation === generation && (router.state === 'accepted' || router.state === 'opened')

const eventOf = (kind: ConditionedKind, row: ControlledRow, report: EntityReport): RouterEvent | undefined => {
  const message = truncate(report.message)
  if (!isChanged({ ...report, message }, row)) return undefined
  const { namespace, name, uid, generation } = row
  const isOk = report.state === 'accepted' || report.state === 'opened'
  const data = { namespace, name, uid, generation, ...(!isOk && { message }) }
  return { type: eventType(kind, report.state), data } as RouterEvent
}

const eventType = (kind: ConditionedKind, state: RouterReport['state']): string | undefined =>
  Object.entries(controlled(kind).events).find(([, reported]) => reported === state)?.[0]

export class ResourceReports {
  readonly #options: ResourceReportsOptions
  readonly #kinds: Readonly<Record<ConditionedKind, KindReports<ControlledRow>>>
  readonly #drifts = new Map<string, string>()
  readonly #undecided = new Map<string, ResourceId & { readonly since: number }>()
  readonly #suppressed = new Map<string, ResourceId>()

  constructor(options: ResourceReportsOptions) {
    this.#options = options
    this.#kinds = Object.fromEntries(
      CONDITIONED_KINDS.map(kind => [
        kind,
        controlled(kind).createReports(options, name => options.onChange({ kind, name })),
      ]),
    ) as Record<ConditionedKind, KindReports<ControlledRow>>
  }

  get undecided(): readonly ResourceId[] {
    return [...this.#undecided.values()]
  }

  addDrift(entity: string, message: string): void {
    this.#drifts.set(entity, message)
  }

  remove({ kind, name }: ResourceId): void {
    const entity = entityName(kind, name)
    this.#kinds[kind].remove?.(name)
    this.#undecided.delete(entity)
    this.#drifts.delete(entity)
  }

  event(kind: ConditionedKind, row: ControlledRow): RouterEvent | undefined {
    const report = this.report(kind, row)
    return report === undefined || report === 'undecided' ? undefined : eventOf(kind, row, report)
  }

  report(kind: ConditionedKind, row: ControlledRow): EntityReport | 'undecided' | undefined {
    const now = this.#options.clock.now()
    const { name } = row
    const id = entityName(kind, name)
    const entity = this.#entity(kind, row)
    const since = this.#undecided.get(id)?.since ?? now
    const report = this.#kinds[kind].report(row, {
      entity,
      drift: this.#drift(id, entity),
      unfit: this.#unfit(row),
      isSuppressed: this.#suppressed.has(id),
      undecidedForMs: now - since,
    })
    if (entity.socket === 'open') this.#suppressed.delete(id)
    if (report === 'undecided') this.#undecided.set(id, { kind, name, since })
    else this.#undecided.delete(id)
    return report
  }

  #entity(kind: ConditionedKind, row: ControlledRow): EntityState {
    const { entities } = this.#options
    const own = entities.state(entityType(kind), entityName(kind, row.name))
    const parts = controlled(kind).parts?.(row) ?? []
    const states = parts.map(({ type, name }) => entities.state(type, name))
    const refusal = own.refusal ?? states.find(state => state.refusal !== undefined)?.refusal
    const inSync = own.inSync && states.every(state => state.inSync)
    return { ...own, inSync, ...(refusal !== undefined && { refusal }) }
  }

  #drift(id: string, { inSync }: EntityState): string | undefined {
    const { conflict } = this.#options
    if (inSync) this.#drifts.delete(id)
    const drift = this.#drifts.get(id)
    if (conflict.message === undefined || !conflict.yields(id)) return drift
    return drift === undefined ? conflict.message : `${conflict.message}. ${drift}`
  }

  #unfit({ spec }: ControlledRow): string | undefined {
    const { tlsCredentials: bundle } = spec
    return bundle === undefined ? undefined : this.#options.bundles.fault(bundle, bundleUse(spec))
  }

  corrections(): RouterEvent[] {
    return this.#configured().flatMap(({ kind, row }) => {
      const entity = this.#entity(kind, row)
      const drift = entity.inSync ? undefined : LOST
      const report = this.#kinds[kind].correction(row, { entity, drift, isSuppressed: true, undecidedForMs: 0 })
      return (report && eventOf(kind, row, report)) ?? []
    })
  }

  /** Drift of what is missing now is not reported until `endSuppression`. */
  beginSuppression(): void {
    for (const { kind, row } of this.#options.site.resources()) {
      const { name } = row
      if (!this.#entity(kind, row).inSync) this.#suppressed.set(entityName(kind, name), { kind, name })
    }
  }

  endSuppression(): readonly ResourceId[] {
    const suppressed = [...this.#suppressed.values()]
    this.#suppressed.clear()
    const lost = this.#configured()
      .filter(({ kind, row }) => !this.#entity(kind, row).inSync)
      .map(({ kind, row: { name } }) => ({ kind, name }))
    for (const { kind, name } of lost) this.addDrift(entityName(kind, name), LOST)
    return [...suppressed, ...lost]
  }

  #configured() {
    return this.#options.site.resources().filter(({ row }) => isConfigured(row))
  }
}
