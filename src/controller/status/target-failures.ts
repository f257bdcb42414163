import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { EndpointHolder } from '../../../projections/router-config/tables.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { ExposedTarget, SiteState } from '../site-state.ts'
import type { ListenerReport } from './listener-report.ts'

export class TargetFailures {
  readonly #site: SiteState
  readonly #entities: Pick<EntityReconciler, 'state'>
  readonly #failures = new Map<string, { readonly listener: string; readonly message: string }>()

  constructor(site: SiteState, entities: Pick<EntityReconciler, 'state'>) {
    this.#site = site
    this.#entities = entities
  }

  /** Drops an ended target's failure, and returns its listener. */
  release(entityName: string): string | undefined {
    const failure = this.#failures.get(entityName)
    if (failure !== undefined && this.#site.exposedTarget(entityName) === undefined) this.#failures.delete(entityName)
    return failure?.listener
  }

  amend({ name, spec }: ListenerRow, report: ListenerReport): ListenerReport {
    if (!spec.exposePodsByName || (report.state !== 'accepted' && report.state !== 'opened')) return report
    const failures = this.#site.targetsOf(name).flatMap(target => {
      const message = this.#failureOf(target)
      return message === undefined ? [] : [`target ${target.target}: ${message}`]
    })
    return failures.length === 0 ? report : { state: 'failed', message: failures.join('; ') }
  }

  /** A failed target is recreated every few seconds; it counts as failed until its socket opens. */
  #failureOf(target: ExposedTarget): string | undefined {
    if (target.holder !== undefined) {
      this.#failures.delete(target.name)
      return takenBy(target, target.holder)
    }
    const { refusal, socket, message: reason } = this.#entities.state('tcpListener', target.name)
    const failed = socket === 'failed' ? (reason ?? '') : undefined
    const message = refusal ?? failed ?? (socket === 'open' ? undefined : this.#failures.get(target.name)?.message)
    if (message === undefined) this.#failures.delete(target.name)
    else this.#failures.set(target.name, { listener: target.listener, message })
    return message
  }
}

const takenBy = ({ target: host, port }: ExposedTarget, { listener, target }: EndpointHolder): string => {
  const holder = target === undefined ? `listener ${listener}` : `target ${target} of listener ${listener}`
  return `host ${host} and port ${port} are taken by ${holder}`
}
