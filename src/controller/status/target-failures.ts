import type { ListenerRow } from '../../../projections/listener-status.ts'
import { listenerEntityName } from '../entities/managed-entity.ts'
import type { EntityReconciler } from '../entities/reconciler.ts'
import type { ExposedTarget, SiteState } from '../site-state.ts'
import { type ListeningEndpoint, otherHolderOf } from './endpoint-holder.ts'
import type { ListenerReport } from './listener-report.ts'

/** Adds failed targets and holders of required ports to a report. */
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
    if (report.state === 'failed') {
      const endpoint = { name: listenerEntityName(name), host: spec.host, port: `${spec.port}` }
      return { ...report, message: this.#withHolder(endpoint, report.message) }
    }
    if (!spec.exposePodsByName || (report.state !== 'accepted' && report.state !== 'opened')) return report
    const failures = this.#site.targetsOf(name).flatMap(target => {
      const message = this.#failureOf(target)
      return message === undefined ? [] : [`target ${target.target}: ${message}`]
    })
    return failures.length === 0 ? report : { state: 'failed', message: failures.join('; ') }
  }

  /** A failed target is recreated every few seconds; it counts as failed until its socket opens. */
  #failureOf(target: ExposedTarget): string | undefined {
    const { refusal, socket, message: reason } = this.#entities.state('tcpListener', target.name)
    const failed = socket === 'failed' ? this.#withHolder(target, reason ?? '') : undefined
    const message = refusal ?? failed ?? (socket === 'open' ? undefined : this.#failures.get(target.name)?.message)
    if (message === undefined) this.#failures.delete(target.name)
    else this.#failures.set(target.name, { listener: target.listener, message })
    return message
  }

  #withHolder(endpoint: ListeningEndpoint, message: string): string {
    const holder = otherHolderOf(this.#site, endpoint)
    return holder === undefined ? message : `${message}: port ${endpoint.port} is used by ${holder}`
  }
}
