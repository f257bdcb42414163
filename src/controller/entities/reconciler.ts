import { MANAGED_TYPES, type ManagedType, ownerOf } from '../../../schemas/router-entities.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Entity, Management } from '../../router/amqp/management.ts'
import type { DriverConflict } from '../lease/driver-conflict.ts'
import type { SiteState } from '../site-state.ts'
import { EntityQueries } from './entity-queries.ts'
import {
  applyResponses,
  type EntityRecord,
  type EntityState,
  inCreationOrder,
  isFailed,
  isInSync,
  isSettled,
  isUnchanged,
  needsWork,
  newRecord,
  socketOf,
  stateOf,
  withReported,
} from './entity-record.ts'
import { ListenerAddresses } from './listener-addresses.ts'
import { driftMessage, managementType, REPORTED_ATTRIBUTES } from './managed-entity.ts'
import { isProfileUsed } from './profile-use.ts'
import { ignoreRefusal, toRefusal } from './refusals.ts'
import { type Lane, WorkQueue } from './work-queue.ts'

const RETRY_MS = 2000
const RETRIES_AT_ONCE = 100
const CONCURRENCY = 25

const SOCKET_ATTRIBUTES = ['name', ...REPORTED_ATTRIBUTES]

interface ReconcilerOptions {
  readonly management: Management
  readonly site: SiteState
  readonly conflict: Pick<DriverConflict, 'recordRevert' | 'yields'>
  readonly clock: Pick<Clock, 'now'>
  readonly hasLease: () => boolean
  readonly onChange: (type: ManagedType, name: string) => void
  readonly onDrift: (type: ManagedType, name: string, message: string) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Requests for different entities overlap, because the router handles them in order; those for one entity do not. Each
 * reads the desired state when it is sent.
 */
export class EntityReconciler {
  readonly #options: ReconcilerOptions
  readonly #queue = new WorkQueue<EntityRecord>(CONCURRENCY, record =>
    this.#process(record).catch(error => this.#options.onFailure(error)),
  )
  readonly #records = Object.fromEntries(MANAGED_TYPES.map(type => [type, new Map()])) as Readonly<
    Record<ManagedType, Map<string, EntityRecord>>
  >
  readonly #queries: EntityQueries
  readonly #addresses: ListenerAddresses
  /** Responses that all records match, until one is created, requested or stale. */
  readonly #matched = new Map<ManagedType | 'sockets', readonly Entity[]>()
  #sequence = 0
  #isObserved = false
  /** After dropped work, the next observation must compare everything. */
  #hasDroppedWork = false
  #needsFullObservation = false

  constructor(options: ReconcilerOptions) {
    this.#options = options
    this.#queries = new EntityQueries(options.management)
    this.#addresses = new ListenerAddresses({
      ...options,
      records: this.#records,
      nextSequence: () => this.#nextRequest(),
    })
  }

  get isObserved(): boolean {
    return this.#isObserved
  }

  get typesInUse(): readonly ManagedType[] {
    return MANAGED_TYPES.filter(type => type === 'tcpListener' || this.#records[type].size > 0)
  }

  get needsFullObservation(): boolean {
    return this.#needsFullObservation
  }

  get hasOpenSockets(): boolean {
    return [...this.#records.tcpListener.values()].some(({ held }) => held?.operStatus === 'up')
  }

  get hasFailures(): boolean {
    return this.#allRecords().some(isFailed)
  }

  state(type: ManagedType, name: string): EntityState {
    return stateOf(this.#records[type].get(name), this.#options.site.desiredEntity(type, name))
  }

  async observe(types: readonly ManagedType[] = MANAGED_TYPES): Promise<void> {
    const sequence = this.#nextSequence()
    const responses = await Promise.all(types.map(type => this.#queries.held(type)))
    const changed = types.flatMap((type, index) => this.#recordAll(type, responses[index] ?? [], sequence))
    this.#needsFullObservation = false
    const isFirst = !this.#isObserved && types.length === MANAGED_TYPES.length
    if (isFirst) this.#isObserved = true
    if (isFirst || this.#hasDroppedWork) this.reconcileAll()
    else this.reconcile([...changed, ...this.#unwantedProfiles()])
  }

  #recordAll(type: ManagedType, held: readonly Entity[], sequence: number): EntityRecord[] {
    if (this.#matched.get(type) === held) return []
    const changed = this.#recordHeld(type, held, sequence)
    this.#noteMatched(type, type, held, sequence)
    return changed
  }

  /** Costs much less than `observe`. */
  async observeSockets(): Promise<void> {
    const sequence = this.#nextSequence()
    const type = 'tcpListener'
    const reported = await this.#options.management.query(managementType(type), SOCKET_ATTRIBUTES)
    if (this.#matched.get('sockets') === reported) return
    const found = reported.flatMap(entity => {
      const held = typeof entity.name === 'string' ? this.#records[type].get(entity.name)?.held : undefined
      if (held === undefined) this.#noteUnknown(entity, sequence)
      return held === undefined ? [] : [withReported(held, entity)]
    })
    this.reconcile(this.#recordHeld(type, found, sequence))
    if (!this.#needsFullObservation) this.#noteMatched('sockets', type, reported, sequence)
  }

  #noteMatched(query: ManagedType | 'sockets', type: ManagedType, response: readonly Entity[], sequence: number): void {
    const records = [...this.#records[type].values()]
    if (records.every(record => isSettled(record, sequence))) this.#matched.set(query, response)
  }

  #noteUnknown({ name }: Entity, sequence: number): void {
    if (typeof name !== 'string' || !this.#isOurs('tcpListener', name)) return
    const record = this.#records.tcpListener.get(name)
    if (record === undefined || !(record.isBusy || record.sequence > sequence)) this.#needsFullObservation = true
  }

  reconcile(entities: readonly { readonly type: ManagedType; readonly name: string }[]): void {
    if (!this.#isObserved) return
    const records = inCreationOrder(entities).map(({ type, name }) => this.#record(type, name))
    for (const isLast of [false, true]) {
      for (const record of records) if ((this.#laneOf(record) === 'last') === isLast) this.#enqueue(record)
    }
  }

  reconcileAll(): void {
    if (!this.#isObserved) return
    this.#hasDroppedWork = false
    const held = this.#allRecords().filter(record => record.held !== undefined)
    this.reconcile([...this.#options.site.desired(), ...held])
  }

  markStale(name: string): void {
    const record = this.#records.tcpListener.get(name)
    if (record === undefined) return
    record.sequence = this.#nextRequest()
    record.isStale = true
  }

  /** A router does not retry failures. */
  retry(): void {
    const latest = this.#options.clock.now() - RETRY_MS
    const due = this.#allRecords().filter(record => isFailed(record) && !record.isBusy && record.triedAt <= latest)
    for (const record of due.sort((a, b) => a.triedAt - b.triedAt).slice(0, RETRIES_AT_ONCE))
      this.#enqueue(record, true)
  }

  #nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  #nextRequest(): number {
    this.#matched.clear()
    return this.#nextSequence()
  }

  #allRecords(): EntityRecord[] {
    return MANAGED_TYPES.flatMap(type => [...this.#records[type].values()])
  }

  #record(type: ManagedType, name: string): EntityRecord {
    let record = this.#records[type].get(name)
    if (record === undefined) {
      record = newRecord(type, name)
      this.#records[type].set(name, record)
      this.#matched.clear()
    }
    return record
  }

  #isOurs(type: ManagedType, name: string): boolean {
    const { site } = this.#options
    if (ownerOf(type, name) !== undefined || site.desiredEntity(type, name) !== undefined) return true
    return type === 'sslProfile' && site.isRetiredProfile(name)
  }

  #recordHeld(type: ManagedType, entities: readonly Entity[], sequence: number): EntityRecord[] {
    const changed: EntityRecord[] = []
    for (const entity of entities) {
      const { name } = entity
      if (typeof name !== 'string') continue
      const known = this.#records[type].get(name)
      if (known === undefined && !(this.#isOurs(type, name) && this.#addresses.isOurs(type, entity))) continue
      const record = known ?? this.#record(type, name)
      record.observedAt = sequence
      if (this.#updateHeld(record, entity, sequence)) changed.push(record)
    }
    for (const record of this.#records[type].values()) {
      if (record.observedAt === sequence || record.held === undefined) continue
      if (this.#updateHeld(record, undefined, sequence)) changed.push(record)
    }
    if (changed.length > 0) this.#matched.clear()
    return changed
  }

  /** An earlier query does not show the last request's result. */
  #updateHeld(record: EntityRecord, held: Entity | undefined, sequence: number): boolean {
    if (record.isBusy || (record.sequence > sequence && !record.isStale)) return false
    const before = record.held
    if (record.sequence < sequence && held?.operStatus === 'up') record.reusesSocket = false
    if (!record.isStale && !record.reusesSocket && isUnchanged(record.type, before, held)) return false
    record.held = held
    // The entity that blocked the creation can be replaced now.
    if (before === undefined && held !== undefined) record.refusal = undefined
    if (record.sequence < sequence) record.isStale = false
    const { conflict, site, onDrift } = this.#options
    const desired = site.desiredEntity(record.type, record.name)
    if (desired === undefined) {
      if (held !== undefined) conflict.recordRevert(record.name)
      return true
    }
    if (isInSync(before, desired) && !isInSync(held, desired)) {
      conflict.recordRevert(record.name)
      onDrift(record.type, record.name, driftMessage(desired, held))
    }
    if (record.reusesSocket && held !== undefined && socketOf(record).socket === 'failed') {
      // Its predecessor's socket was probably still open.
      record.reusesSocket = false
      record.held = { ...held, connectionMsg: '' }
      this.#enqueue(record, true)
    }
    if (before === undefined || held === undefined || REPORTED_ATTRIBUTES.some(name => before[name] !== held[name])) {
      this.#options.onChange(record.type, record.name)
    }
    return true
  }

  #unwantedProfiles(): EntityRecord[] {
    const records = [...this.#records.sslProfile.values()]
    return records.filter(record => record.held !== undefined && this.#laneOf(record) === 'last')
  }

  #enqueue(record: EntityRecord, force = false): void {
    if (record.isBusy) {
      record.isRequeued = true
      return
    }
    record.force ||= force
    if (record.isQueued) return
    if (!this.#needsWork(record)) {
      this.#removeIfGone(record)
      return
    }
    record.isQueued = true
    this.#queue.add(record, this.#laneOf(record))
  }

  #needsWork(record: EntityRecord): boolean {
    if (this.#options.conflict.yields(record.name) || this.#addresses.awaitsListener(record)) return false
    return record.force || needsWork(record, this.#options.site.desiredEntity(record.type, record.name))
  }

  /** A profile is created before its users and deleted after them. */
  #laneOf({ type, name }: EntityRecord): Lane {
    if (type !== 'sslProfile') return 'middle'
    return this.#options.site.desiredEntity(type, name) === undefined ? 'last' : 'first'
  }

  async #process(record: EntityRecord): Promise<void> {
    record.isQueued = false
    if (this.#laneOf(record) === 'last' && !this.#queue.isAtLast) {
      this.#enqueue(record)
      return
    }
    if (!this.#options.hasLease()) {
      this.#hasDroppedWork = true
      return
    }
    if (!this.#needsWork(record)) {
      this.#removeIfGone(record)
      return
    }
    if (this.#addresses.isBusy(record)) return
    record.force = false
    record.isBusy = true
    const deletion = this.#addresses.deleteOf(record)
    if (deletion !== undefined) await deletion
    await this.#send(record)
    record.isBusy = false
    this.#options.onChange(record.type, record.name)
    if (record.type === 'sslProfile' && record.held !== undefined) this.#retryUsersOf(record.name)
    const { isRequeued } = record
    record.isRequeued = false
    if (isRequeued) this.#enqueue(record)
    else this.#removeIfGone(record)
    this.#continueAddresses(record)
  }

  /** Addresses wait for their listener, and a listener for requests that concern its addresses. */
  #continueAddresses(record: EntityRecord): void {
    const listener = this.#addresses.listenerOf(record)
    if (listener !== undefined) this.#enqueue(listener)
    for (const name of this.#addresses.namesOf(record)) {
      const address = this.#record('listenerAddress', name)
      address.isRequeued = false
      this.#enqueue(address)
    }
  }

  #retryUsersOf(profile: string): void {
    for (const record of this.#allRecords()) {
      const refused = record.refusal?.of?.attributes as Entity | undefined
      if (refused?.sslProfile === profile && !record.isBusy) this.#enqueue(record, true)
    }
  }

  #removeIfGone({ type, name, held }: EntityRecord): void {
    if (held !== undefined || this.#options.site.desiredEntity(type, name) !== undefined) return
    this.#records[type].delete(name)
  }

  async #send(record: EntityRecord): Promise<void> {
    const { management, site, clock } = this.#options
    const { held, name } = record
    const type = managementType(record.type)
    const desired = site.desiredEntity(record.type, name)
    record.triedAt = clock.now()
    if (record.type === 'sslProfile' && desired === undefined) {
      if (await isProfileUsed(management, name)) return
      if (site.desiredEntity(record.type, name) !== undefined) return
    }
    record.sequence = this.#nextRequest()
    const deletion = held && ignoreRefusal(management.delete(type, name))
    const { name: _, ...attributes } = (desired?.attributes ?? {}) as Entity
    const creation = desired && management.create(type, name, attributes).catch(toRefusal)
    applyResponses(record, desired, ...(await Promise.all([deletion, creation])))
  }
}
