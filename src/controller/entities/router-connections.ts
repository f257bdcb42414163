import { type Management, RouterRefusal } from '../../router/amqp/management.ts'
import { managementType } from './managed-entity.ts'

const TYPE = managementType('connection')
/** Clients have the role `normal`. */
const LINK_ROLES: ReadonlySet<unknown> = new Set(['inter-router', 'edge', 'inter-edge'])

export class RouterConnections {
  readonly #management: Management
  #links = 0
  #hadLinks = false
  #containers: readonly string[] = []

  constructor(management: Management) {
    this.#management = management
  }

  /** The loss of the last link precedes by a second or two the end of sockets of listeners without reachable connectors. */
  get isAlone(): boolean {
    return this.#hadLinks && this.#links === 0
  }

  get containers(): readonly string[] {
    return this.#containers
  }

  async observe(): Promise<void> {
    const found = await this.#management.query(TYPE, ['container', 'role']).catch(error => {
      // Without permission to list connections, only sockets count.
      if (error instanceof RouterRefusal) return []
      throw error
    })
    this.#links = found.filter(({ role }) => LINK_ROLES.has(role)).length
    if (this.#links > 0) this.#hadLinks = true
    this.#containers = found.map(({ container }) => container).filter(container => typeof container === 'string')
  }
}
