import type { ManagedType } from '../../../schemas/router-entities.ts'
import { type Entity, type Management, RouterRefusal } from '../../router/amqp/management.ts'
import { ATTRIBUTES, managementType } from './managed-entity.ts'
import { noneIfRefused } from './refusals.ts'

const STRATEGY = 'multiAddressStrategy'
const WITHOUT_STRATEGY = ATTRIBUTES.tcpListener.filter(name => name !== STRATEGY)

/** A router rejects a query that names an attribute which it does not have. */
const lacksStrategy = (error: unknown): boolean => error instanceof RouterRefusal && error.message.includes(STRATEGY)

/** Reads a router's entities. Before 3.5, routers have no listenerAddresses, and tcpListeners have no strategy. */
export class EntityQueries {
  readonly #management: Pick<Management, 'query'>
  #hasStrategies = true

  constructor(management: Pick<Management, 'query'>) {
    this.#management = management
  }

  async held(type: ManagedType): Promise<readonly Entity[]> {
    if (type === 'listenerAddress') return noneIfRefused(this.#query(type, ATTRIBUTES[type]))
    return type === 'tcpListener' ? this.#listeners() : this.#query(type, ATTRIBUTES[type])
  }

  async #listeners(): Promise<readonly Entity[]> {
    if (this.#hasStrategies) {
      try {
        return await this.#query('tcpListener', ATTRIBUTES.tcpListener)
      } catch (error) {
        if (!lacksStrategy(error)) throw error
        this.#hasStrategies = false
      }
    }
    return this.#query('tcpListener', WITHOUT_STRATEGY)
  }

  #query(type: ManagedType, attributes: readonly string[]): Promise<readonly Entity[]> {
    return this.#management.query(managementType(type), attributes)
  }
}
