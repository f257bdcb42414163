export type Entity = Readonly<Record<string, unknown>>

/**
 * The management of one router. Requests are sent at once; the router handles them in order.
 *
 * Every method rejects with RouterRefusal if the router refuses, and with RouterUnreachable if the connection is lost or the
 * response is late or invalid: then the request may have been carried out or not.
 */
export interface Management {
  /**
   * Returns all entities of a type.
   *
   * @param type the full name: `io.skupper.router.tcpListener`
   * @param attributeNames the attributes to return; all if there are none
   */
  query(type: string, attributeNames?: readonly string[]): Promise<Entity[]>
  /** Returns the created entity, which need not work: a listener's socket may fail to open. */
  create(type: string, name: string, attributes: Entity): Promise<Entity>
  /** Few attributes can be changed. */
  update(type: string, name: string, attributes: Entity): Promise<void>
  delete(type: string, name: string): Promise<void>
}

/** The router refused: its status code, as in HTTP, and its message. */
export class RouterRefusal extends Error {
  override readonly name = 'RouterRefusal'
  readonly statusCode: number

  constructor(statusCode: number, description: string) {
    super(description)
    this.statusCode = statusCode
  }
}

export class RouterUnreachable extends Error {
  override readonly name = 'RouterUnreachable'
}
