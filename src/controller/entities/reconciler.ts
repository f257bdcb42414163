import { type Entity, type Management, RouterRefusal } from '../../router/amqp/management.ts'
import type { Contest } from '../lease/contest.ts'
import { type DrivenEntity, type DrivenType, MANAGED_TYPES, type SiteState } from '../site-state.ts'
import { ATTRIBUTES, differences, driftMessage, isOwnName, managementType } from './managed-entity.ts'
import { type Lane, WorkQueue } from './work-queue.ts'

/** The least time between two tries of what the router refused, or could not open. */
const RETRY_MS = 2000
/** So many are tried again at a time: a router that refuses thousands still has time for the others. */
const RETRIES_AT_ONCE = 100
/** So many entities are worked on at a time: a look waits for no more, and the router is never without work. */
const WORKED_ON_AT_ONCE = 25
const NOT_FOUND = 404

/** What is known of one entity that the router holds or is to hold. */
interface EntityRecord {
  readonly type: DrivenType
  readonly name: string
  held: Entity | undefined
  /** The router's words, and for what it said them. */
  refusal: { readonly message: string; readonly of: DrivenEntity | undefined } | undefined
  isBusy: boolean
  /** It waits for its turn to be worked on. */
  isQueued: boolean
  /** It is to be sent though it is right, or was refused as it is. */
  anyway: boolean
  /** Asked for while it was busy. */
  again: boolean
  /** When the last request for it was sent, or what was known of it fell into doubt, in the order of requests. */
  order: number
  isDoubted: boolean
  triedAt: number
  /** The order of the last look that found it. */
  foundAt: number
  /** It was made anew on the socket of the one before, which the router may not have let go yet. */
  takesOver: boolean
}

/** How an entity stands, as far as it is known. */
export interface EntityState {
  /** The router holds exactly what it is to hold. */
  readonly isRight: boolean
  /** The router's words where it did not take it. */
  readonly refusal?: string
  /** The socket is open, could not be opened (`message` says why), or neither; `doubtful` until the router is asked. */
  readonly socket: 'open' | 'failed' | 'closed' | 'doubtful'
  readonly message?: string
}

export interface RouterEntitiesOptions {
  readonly management: Management
  readonly view: SiteState
  readonly contest: Pick<Contest, 'undone' | 'leaves'>
  /** Whether this engine may send anything now. */
  readonly mayDrive: () => boolean
  /** There is news of this entity. */
  readonly onNews: (type: DrivenType, name: string) => void
  /** An entity that was right is not any more, by nobody's doing here. */
  readonly onDrift: (type: DrivenType, name: string, message: string) => void
  /** The router does not answer: there is no going on. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Makes a router hold what it is to hold: compares, and sends what differs, some entities at a time. The router works
 * requests off in order, so that what is sent together need not wait for one another; what one entity needs waits only for
 * what was sent for that one before. A bulk that were sent all at once would keep every look, and every single change that
 * comes later, waiting for the whole of it.
 */
export class EntityReconciler {
  readonly #options: RouterEntitiesOptions
  readonly #queue = new WorkQueue<EntityRecord>(WORKED_ON_AT_ONCE, slot =>
    this.#takeUp(slot).catch(error => this.#options.onFailure(error)),
  )
  readonly #slots: Readonly<Record<DrivenType, Map<string, EntityRecord>>> = {
    sslProfile: new Map(),
    tcpListener: new Map(),
    tcpConnector: new Map(),
  }
  #order = 0
  #isKnown = false
  /** Something was to be sent when it was not allowed: the next look tells what is left of it. */
  #isBehind = false
  #needsLook = false

  constructor(options: RouterEntitiesOptions) {
    this.#options = options
  }

  /** Whether the router has told what it holds. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** The types that the router holds or is to hold anything of; tcpListeners in any case. */
  get typesInUse(): readonly DrivenType[] {
    return MANAGED_TYPES.filter(type => type === 'tcpListener' || this.#slots[type].size > 0)
  }

  state(type: DrivenType, name: string): EntityState {
    const slot = this.#slots[type].get(name)
    const desired = this.#options.view.desiredEntity(type, name)
    const inSync = slot?.held !== undefined && desired !== undefined && differences(desired, slot.held).length === 0
    return {
      isRight: inSync,
      ...(slot?.refusal !== undefined && !inSync && { refusal: slot.refusal.message }),
      ...(slot === undefined ? { socket: 'closed' as const } : socketOf(slot)),
    }
  }

  /**
   * Asks the router what it holds of these types, and sends what differs from what it is to hold.
   *
   * @throws RouterUnreachable, RouterRefusal
   */
  async look(types: readonly DrivenType[] = MANAGED_TYPES): Promise<void> {
    this.#order += 1
    const asked = this.#order
    const { management } = this.#options
    const answers = await Promise.all(types.map(type => management.query(managementType(type), ATTRIBUTES[type])))
    const changed = types.flatMap((type, index) => this.#takeIn(type, answers[index] ?? [], asked))
    this.#needsLook = false
    const isFirst = !this.#isKnown && types.length === MANAGED_TYPES.length
    if (isFirst) this.#isKnown = true
    if (isFirst || this.#isBehind) this.#settleAll()
    else this.settle([...changed, ...this.#unwantedProfiles()])
  }

  /**
   * Asks how the sockets of listeners do and which of these are there, and sends what is missing: a small part of what a
   * look costs. What it finds that only a look can tell makes `needsLook` true.
   *
   * @throws RouterUnreachable, RouterRefusal
   */
  async glance(): Promise<void> {
    this.#order += 1
    const asked = this.#order
    const type = 'tcpListener'
    const told = await this.#options.management.query(managementType(type), GLANCED)
    const found = told.flatMap(state => {
      const held = typeof state.name === 'string' ? this.#slots[type].get(state.name)?.held : undefined
      if (held === undefined) this.#suspect(state, asked)
      return held === undefined ? [] : [withState(held, state)]
    })
    this.settle(this.#takeIn(type, found, asked))
  }

  /** An entity that is not known to be there may be a leftover, or of somebody else's making. */
  #suspect({ name }: Entity, asked: number): void {
    if (typeof name !== 'string' || !this.#isOurs('tcpListener', name)) return
    const slot = this.#slots.tcpListener.get(name)
    if (slot === undefined || !(slot.isBusy || slot.order > asked)) this.#needsLook = true
  }

  /** Whether a glance found what only a look can tell. */
  get needsLook(): boolean {
    return this.#needsLook
  }

  /** Sends all that differs, also what was left as others want it. */
  resettle(): void {
    if (this.#isKnown) this.#settleAll()
  }

  /** Whether the socket of any listener was open when it was last asked. */
  get hasOpenSockets(): boolean {
    for (const { held } of this.#slots.tcpListener.values()) if (held?.operStatus === 'up') return true
    return false
  }

  /** Notes what the router holds of a type; tells what is not as it was. */
  #takeIn(type: DrivenType, entities: readonly Entity[], asked: number): EntityRecord[] {
    const changed: EntityRecord[] = []
    for (const entity of entities) {
      const { name } = entity
      if (typeof name !== 'string') continue
      const known = this.#slots[type].get(name)
      if (known === undefined && !this.#isOurs(type, name)) continue
      const slot = known ?? this.#slot(type, name)
      slot.foundAt = asked
      if (this.#note(slot, entity, asked)) changed.push(slot)
    }
    for (const slot of this.#slots[type].values())
      if (slot.foundAt !== asked && slot.held !== undefined && this.#note(slot, undefined, asked)) changed.push(slot)
    return changed
  }

  #isOurs(type: DrivenType, name: string): boolean {
    const { view } = this.#options
    if (isOwnName(type, name) || view.desiredEntity(type, name) !== undefined) return true
    return type === 'sslProfile' && view.isRetiredProfile(name)
  }

  /** What was asked before the last request for an entity was sent says nothing of what that has brought. */
  #note(slot: EntityRecord, held: Entity | undefined, asked: number): boolean {
    if (slot.isBusy || (slot.order > asked && !slot.isDoubted)) return false
    const before = slot.held
    if (!slot.isDoubted && !slot.takesOver && isSame(slot.type, before, held)) return false
    slot.held = held
    // Refused as it was while another of its name was there: now that can be mended.
    if (before === undefined && held !== undefined) slot.refusal = undefined
    if (slot.order < asked) slot.isDoubted = false
    const { contest, view, onDrift } = this.#options
    const desired = view.desiredEntity(slot.type, slot.name)
    if (desired === undefined) {
      // Back, or still others' after all: what nobody wants here is deleted, and others may want it.
      if (held !== undefined) contest.undone(slot.name)
      return true
    }
    const wasRight = before !== undefined && differences(desired, before).length === 0
    if (wasRight && (held === undefined || differences(desired, held).length > 0)) {
      contest.undone(slot.name)
      onDrift(slot.type, slot.name, driftMessage(desired, held))
    }
    if (slot.takesOver && held !== undefined && socketOf(slot).socket === 'failed') {
      // Most likely the socket of the one before was not closed yet: not worth a word unless it fails once more.
      slot.takesOver = false
      slot.held = { ...held, connectionMsg: '' }
      this.#start(slot, true)
    }
    if (before === undefined || held === undefined || SAID.some(name => before[name] !== held[name])) this.#tell(slot)
    return true
  }

  /** Sends what these entities need. Before the router has told what it holds nothing is sent. */
  settle(entities: readonly { readonly type: DrivenType; readonly name: string }[]): void {
    if (!this.#isKnown) return
    const slots = inOrder(entities).map(({ type, name }) => this.#slot(type, name))
    // A profile that is to go does so after what used it is gone.
    for (const isLast of [false, true]) {
      for (const slot of slots) if ((this.#laneOf(slot) === 'last') === isLast) this.#start(slot)
    }
  }

  /** Profiles that are held for nothing of Hark's: others used them when they were to go, and may not any more. */
  #unwantedProfiles(): EntityRecord[] {
    return [...this.#slots.sslProfile.values()].filter(slot => slot.held !== undefined && this.#laneOf(slot) === 'last')
  }

  #settleAll(): void {
    this.#isBehind = false
    const held = [...this.#everySlot()].filter(slot => slot.held !== undefined)
    this.settle([...this.#options.view.desired(), ...held])
  }

  *#everySlot(): Iterable<EntityRecord> {
    for (const type of MANAGED_TYPES) yield* this.#slots[type].values()
  }

  /** What is known of how this listener's socket does may no longer hold: the next look tells. */
  doubt(name: string): void {
    const slot = this.#slots.tcpListener.get(name)
    if (slot === undefined) return
    this.#order += 1
    slot.order = this.#order
    slot.isDoubted = true
  }

  /** Whether anything was refused or could not be opened. */
  get hasFailures(): boolean {
    for (const slot of this.#everySlot()) if (isFailed(slot)) return true
    return false
  }

  /** Tries again what failed, oldest tries first. A router does not by itself. */
  retry(): void {
    const due = performance.now() - RETRY_MS
    const failed = [...this.#everySlot()].filter(slot => isFailed(slot) && !slot.isBusy && slot.triedAt <= due)
    for (const slot of failed.sort((a, b) => a.triedAt - b.triedAt).slice(0, RETRIES_AT_ONCE)) this.#start(slot, true)
  }

  #slot(type: DrivenType, name: string): EntityRecord {
    let slot = this.#slots[type].get(name)
    if (slot === undefined) {
      slot = {
        type,
        name,
        held: undefined,
        refusal: undefined,
        isBusy: false,
        isQueued: false,
        anyway: false,
        again: false,
        order: 0,
        isDoubted: false,
        triedAt: 0,
        takesOver: false,
        foundAt: 0,
      }
      this.#slots[type].set(name, slot)
    }
    return slot
  }

  #tell({ type, name }: EntityRecord): void {
    this.#options.onNews(type, name)
  }

  /** @param anyway whether to send it though it is right, or was refused as it is */
  #start(slot: EntityRecord, anyway = false): void {
    if (slot.isBusy) {
      slot.again = true
      return
    }
    slot.anyway ||= anyway
    if (slot.isQueued) return
    if (!this.#needsWork(slot)) {
      this.#forgetIfGone(slot)
      return
    }
    slot.isQueued = true
    this.#queue.add(slot, this.#laneOf(slot))
  }

  #needsWork(slot: EntityRecord): boolean {
    if (this.#options.contest.leaves(slot.name)) return false
    return slot.anyway || needsWork(slot, this.#options.view.desiredEntity(slot.type, slot.name))
  }

  /** What uses a profile comes after it is made, and is gone before it is. */
  #laneOf({ type, name }: EntityRecord): Lane {
    if (type !== 'sslProfile') return 'middle'
    return this.#options.view.desiredEntity(type, name) === undefined ? 'last' : 'first'
  }

  /** Its turn has come; what it is to be may have changed since it was queued. */
  async #takeUp(slot: EntityRecord): Promise<void> {
    slot.isQueued = false
    if (this.#laneOf(slot) === 'last' && !this.#queue.isAtLast) {
      this.#start(slot)
      return
    }
    if (!this.#options.mayDrive()) {
      this.#isBehind = true
      return
    }
    if (!this.#needsWork(slot)) {
      this.#forgetIfGone(slot)
      return
    }
    slot.anyway = false
    slot.isBusy = true
    await this.#work(slot, this.#options.view.desiredEntity(slot.type, slot.name))
    slot.isBusy = false
    this.#tell(slot)
    if (slot.type === 'sslProfile' && slot.held !== undefined) this.#startRefusedFor(slot.name)
    const isAskedAgain = slot.again
    slot.again = false
    if (isAskedAgain) this.#start(slot)
    else this.#forgetIfGone(slot)
  }

  /** What was refused for want of a profile, as that was just being deleted, can be had now. */
  #startRefusedFor(profile: string): void {
    for (const type of ['tcpListener', 'tcpConnector'] as const) {
      for (const slot of this.#slots[type].values()) {
        const wanted = slot.refusal?.of?.attributes as Entity | undefined
        if (wanted?.sslProfile === profile && !slot.isBusy) this.#start(slot, true)
      }
    }
  }

  #forgetIfGone(slot: EntityRecord): void {
    const { type, name, held } = slot
    if (held !== undefined || this.#options.view.desiredEntity(type, name) !== undefined) return
    this.#slots[type].delete(name)
  }

  async #work(slot: EntityRecord, desired: DrivenEntity | undefined): Promise<void> {
    const { management } = this.#options
    const { held, name } = slot
    const type = managementType(slot.type)
    slot.triedAt = performance.now()
    if (slot.type === 'sslProfile' && desired === undefined) {
      if (await this.#isUsed(name)) return
      // Asking took a while: somebody may have come to need it.
      if (this.#options.view.desiredEntity(slot.type, name) !== undefined) return
    }
    this.#order += 1
    slot.order = this.#order
    // The router does the one before the other, so there is no waiting in between.
    const deletion = held && refusalOf(management.delete(type, name))
    const { name: _, ...attributes } = (desired?.attributes ?? {}) as Entity
    const creation = desired && answerOf(management.create(type, name, attributes))
    const [notDeleted, created] = await Promise.all([deletion, creation])
    if (held !== undefined && (notDeleted === undefined || notDeleted.statusCode === NOT_FOUND)) slot.held = undefined
    if (created === undefined) {
      slot.refusal = slot.held && notDeleted && { message: notDeleted.message, of: desired }
    } else if (created instanceof RouterRefusal) {
      slot.refusal = { message: (slot.held && notDeleted ? notDeleted : created).message, of: desired }
    } else {
      slot.held = created
      slot.refusal = undefined
      slot.isDoubted = false
      slot.takesOver = held?.operStatus === 'up' && held.host === created.host && held.port === created.port
    }
  }

  /** Others may have come to use a profile that Hark made. */
  async #isUsed(profile: string): Promise<boolean> {
    const users = ['listener', 'connector', 'tcpListener', 'tcpConnector']
    const { management } = this.#options
    const answers = await Promise.all(
      users.map(type => management.query(managementType(type), ['name', 'sslProfile']).catch(unlessUnreachable)),
    )
    return answers.some(entities => entities.some(entity => entity.sslProfile === profile))
  }
}

const SAID = ['operStatus', 'connectionMsg'] as const
const GLANCED = ['name', ...SAID]

/** What the router holds, with what it says now of how that does; the very same where that is nothing new. */
const withState = (held: Entity, state: Entity): Entity => {
  if (SAID.every(name => held[name] === state[name])) return held
  const { operStatus: _, connectionMsg: __, ...rest } = held
  return { ...rest, ...state }
}

/** Whether a router tells of an entity what it told before. */
const isSame = (type: DrivenType, before: Entity | undefined, held: Entity | undefined): boolean =>
  before !== undefined && held !== undefined && ATTRIBUTES[type].every(name => before[name] === held[name])

const socketOf = ({ held, isDoubted }: EntityRecord): Pick<EntityState, 'socket' | 'message'> => {
  if (isDoubted) return { socket: 'doubtful' }
  if (held?.operStatus === 'up') return { socket: 'open' }
  const message = held?.connectionMsg
  return typeof message === 'string' && message !== '' ? { socket: 'failed', message } : { socket: 'closed' }
}

const isFailed = (slot: EntityRecord): boolean => slot.refusal !== undefined || socketOf(slot).socket === 'failed'

const needsWork = ({ held, refusal }: EntityRecord, desired: DrivenEntity | undefined): boolean => {
  if (desired === undefined) return held !== undefined
  if (held !== undefined && differences(desired, held).length === 0) return false
  return refusal?.of === undefined || differences(desired, refusal.of.attributes as Entity).length > 0
}

const inOrder = <T extends { readonly type: DrivenType }>(entities: readonly T[]): readonly T[] =>
  entities.length < 2
    ? entities
    : entities.toSorted((a, b) => MANAGED_TYPES.indexOf(a.type) - MANAGED_TYPES.indexOf(b.type))

const refusalOf = (done: Promise<void>): Promise<RouterRefusal | undefined> => done.then(() => undefined, ifRefusal)
const answerOf = (made: Promise<Entity>): Promise<Entity | RouterRefusal> => made.catch(ifRefusal)

const ifRefusal = (error: unknown): RouterRefusal => {
  if (error instanceof RouterRefusal) return error
  throw error
}

/** A router that has no such type has nothing of it. */
const unlessUnreachable = (error: unknown): Entity[] => {
  ifRefusal(error)
  return []
}
