import { type Management, RouterRefusal } from '../../router/amqp/management.ts'
import { managementType } from './managed-entity.ts'

const TYPE = managementType('connection')
/** Over these a router reaches others; clients come over `normal`. */
const LINK_ROLES: ReadonlySet<unknown> = new Set(['inter-router', 'edge', 'inter-edge'])

/** Which connections a router has, as it said last. */
export class RouterConnections {
  readonly #management: Management
  #links = 0
  #hadLinks = false
  #containers: readonly string[] = []

  constructor(management: Management) {
    this.#management = management
  }

  /**
   * Whether it was linked with other routers and is linked with none now. A router knows that a link has broken a second or
   * two before it closes the sockets of listeners whose connectors it cannot reach any more.
   */
  get isAlone(): boolean {
    return this.#hadLinks && this.#links === 0
  }

  /** What those that are connected call themselves. */
  get containers(): readonly string[] {
    return this.#containers
  }

  /** @throws RouterUnreachable */
  async look(): Promise<void> {
    const found = await this.#management.query(TYPE, ['container', 'role']).catch(error => {
      // A router that may not be asked is taken at its sockets' word alone.
      if (error instanceof RouterRefusal) return []
      throw error
    })
    this.#links = found.filter(({ role }) => LINK_ROLES.has(role)).length
    if (this.#links > 0) this.#hadLinks = true
    this.#containers = found.map(({ container }) => container).filter(container => typeof container === 'string')
  }
}
