import type { ListenerRow } from '../../../projections/listener-status.ts'
import type { EndpointHolder } from '../../../projections/router-config/tables.ts'
import type { ManagedType } from '../../../schemas/router-entities.ts'
import type { EntityState } from '../entities/entity-record.ts'
import type { EntityReport } from './entity-report.ts'

export interface ExposedTarget {
  readonly name: string
  readonly listener: string
  readonly target: string
  readonly port: number
  /** Has no tcpListener then. */
  readonly holder?: EndpointHolder
}

export interface ExposedTargets {
  targetsOf(listener: string): readonly ExposedTarget[]
}

export interface EntityStates {
  state(type: ManagedType, name: string): EntityState
}

export class TargetFailures {
  readonly #site: ExposedTargets
  readonly #entities: EntityStates
  readonly #failures = new Map<string, ReadonlyMap<string, string>>()

  constructor(site: ExposedTargets, entities: EntityStates) {
    this.#site = site
    this.#entities = entities
  }

  remove(listener: string): void {
    this.#failures.delete(listener)
  }

  amend({ name: listener, spec }: ListenerRow, report: EntityReport): EntityReport {
    if (!spec.exposePodsByName || (report.state !== 'accepted' && report.state !== 'opened')) {
      this.#removeEndedTargets(listener)
      return report
    }
    const before = this.#failures.get(listener)
    const failures = new Map<string, string>()
    const messages = this.#site.targetsOf(listener).flatMap(target => {
      const failure = target.holder === undefined ? this.#failureOf(target.name, before?.get(target.name)) : undefined
      if (failure !== undefined) failures.set(target.name, failure)
      const message = target.holder === undefined ? failure : takenBy(target, target.holder)
      return message === undefined ? [] : [`target ${target.target}: ${message}`]
    })
    this.#failures.set(listener, failures)
    return messages.length === 0 ? report : { state: 'failed', message: messages.join('; ') }
  }

  /** A target that returns under its name has not failed yet. */
  #removeEndedTargets(listener: string): void {
    const failures = this.#failures.get(listener)
    if (failures === undefined || failures.size === 0) return
    const names = new Set(this.#site.targetsOf(listener).map(({ name }) => name))
    this.#failures.set(listener, new Map([...failures].filter(([name]) => names.has(name))))
  }

  #failureOf(entity: string, before: string | undefined): string | undefined {
    const { refusal, socket, message } = this.#entities.state('tcpListener', entity)
    const failed = socket === 'failed' ? (message ?? '') : undefined
    return refusal ?? failed ?? (socket === 'open' ? undefined : before)
  }
}

const takenBy = ({ target: host, port }: ExposedTarget, { listener, target }: EndpointHolder): string => {
  const holder = target === undefined ? `listener ${listener}` : `target ${target} of listener ${listener}`
  return `host ${host} and port ${port} are taken by ${holder}`
}
