import { entityName, isAddressNameOf, type ManagedType, ownerOf } from '../../../schemas/router-entities.ts'
import type { Entity, Management } from '../../router/amqp/management.ts'
import type { SiteState } from '../site-state.ts'
import { applyResponses, type EntityRecord, isInSync } from './entity-record.ts'
import { managementType } from './managed-entity.ts'
import { ignoreRefusal } from './refusals.ts'

interface ListenerAddressesOptions {
  readonly management: Pick<Management, 'delete'>
  readonly site: Pick<SiteState, 'desiredEntity' | 'addressesOf'>
  readonly records: Readonly<Record<ManagedType, ReadonlyMap<string, EntityRecord>>>
  readonly nextSequence: () => number
}

/**
 * The order of requests for a MultiKeyListener. A router rejects a listenerAddress without its tcpListener, and the
 * deletion of a tcpListener that has addresses.
 */
export class ListenerAddresses {
  readonly #options: ListenerAddressesOptions

  constructor(options: ListenerAddressesOptions) {
    this.#options = options
  }

  listenerOf({ type, name }: Pick<EntityRecord, 'type' | 'name'>): EntityRecord | undefined {
    const owner = type === 'listenerAddress' ? ownerOf(type, name) : undefined
    return owner && this.#options.records.tcpListener.get(entityName(owner.kind, owner.name))
  }

  namesOf(listener: EntityRecord): ReadonlySet<string> {
    const name = multiKeyListener(listener)
    if (name === undefined) return new Set()
    return new Set([...this.#recordsOf(listener).map(address => address.name), ...this.#options.site.addressesOf(name)])
  }

  /** Others may have addresses of listeners that Hark does not manage. */
  isOurs(type: ManagedType, { name, listener }: Entity): boolean {
    const owner = type === 'listenerAddress' ? ownerOf(type, String(name)) : undefined
    return owner === undefined || listener === entityName(owner.kind, owner.name)
  }

  isBusy(listener: EntityRecord): boolean {
    return this.#recordsOf(listener).some(({ isBusy }) => isBusy)
  }

  awaitsListener(address: EntityRecord): boolean {
    const { type, name, held } = address
    if (type !== 'listenerAddress') return false
    const { site } = this.#options
    const listener = this.listenerOf(address)
    if (listener?.isBusy) return true
    if (held !== undefined && site.desiredEntity(type, name) === undefined) return false
    return !isInSync(listener?.held, listener && site.desiredEntity(listener.type, listener.name))
  }

  /** To be called before a tcpListener is deleted or replaced. Returns undefined if it has no addresses. */
  deleteOf(listener: EntityRecord): Promise<void> | undefined {
    if (listener.held === undefined) return undefined
    const addresses = this.#recordsOf(listener).filter(({ held }) => held !== undefined)
    return addresses.length === 0 ? undefined : this.#delete(addresses)
  }

  async #delete(addresses: readonly EntityRecord[]): Promise<void> {
    const { management, nextSequence } = this.#options
    for (const address of addresses) {
      address.isBusy = true
      address.sequence = nextSequence()
    }
    await Promise.all(
      addresses.map(async address => {
        const refusal = await ignoreRefusal(management.delete(managementType(address.type), address.name))
        applyResponses(address, undefined, refusal, undefined)
      }),
    )
    for (const address of addresses) address.isBusy = false
  }

  #recordsOf(listener: EntityRecord): EntityRecord[] {
    const name = multiKeyListener(listener)
    if (name === undefined) return []
    return [...this.#options.records.listenerAddress.values()].filter(address => isAddressNameOf(name, address.name))
  }
}

const multiKeyListener = ({ type, name }: EntityRecord): string | undefined => {
  const owner = type === 'tcpListener' ? ownerOf(type, name) : undefined
  return owner?.kind === 'MultiKeyListener' ? owner.name : undefined
}
