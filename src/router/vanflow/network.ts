import { Observers } from '../../lib/observers.ts'
import type { NetworkEndpoint, NetworkRouter, NetworkView } from './network-view.ts'
import type { RecordKind, RecordPart, VanflowRecord } from './record.ts'
import { LOST_AFTER_MS, VanflowSource } from './source.ts'

/** Every source announces itself every ten seconds. */
const ALL_KNOWN_AFTER_MS = LOST_AFTER_MS + 2000

/** The source `x:0` has the records `x:1`, `x:2`, …. */
const prefixOf = (identity: string): string => identity.slice(0, identity.lastIndexOf(':'))

const isEndpoint = (kind: RecordKind): kind is NetworkEndpoint['kind'] => kind === 'listener' || kind === 'connector'

export class VanflowNetwork implements NetworkView {
  readonly #sources = new Map<string, VanflowSource>()
  readonly #observers = new Observers<readonly string[]>()
  readonly #openedAt: number
  readonly #onInvalid: ((source: string, part: RecordPart) => void) | undefined
  #areAllKnown = false

  constructor(now: number, onInvalid?: (source: string, part: RecordPart) => void) {
    this.#openedAt = now
    this.#onInvalid = onInvalid
  }

  addSource(id: string, now: number, flush: () => void): VanflowSource {
    const source = new VanflowSource(now, {
      flush,
      onRecords: identities => this.#changed(source, identities),
      onStage: () => this.#observers.notify([]),
      onInvalid: part => this.#onInvalid?.(id, part),
    })
    this.#sources.set(prefixOf(id), source)
    return source
  }

  hasSource(id: string): boolean {
    return this.#sources.has(prefixOf(id))
  }

  removeSource(id: string): void {
    this.#sources.delete(prefixOf(id))
  }

  get areAllKnown(): boolean {
    return this.#areAllKnown
  }

  tick(now: number): void {
    for (const source of this.#sources.values()) source.tick(now)
    if (this.#areAllKnown || now - this.#openedAt < ALL_KNOWN_AFTER_MS || !this.#isAnySynced()) return
    this.#areAllKnown = true
    this.#observers.notify([])
  }

  #isAnySynced(): boolean {
    for (const source of this.#sources.values()) if (source.isSettled && !source.isLost) return true
    return false
  }

  *routers(): Iterable<NetworkRouter> {
    for (const source of this.#sources.values()) {
      for (const [identity, { record }] of source.entries()) {
        if (record.kind === 'router') yield { identity, name: record.texts.name, site: source.siteName }
      }
    }
  }

  *endpoints(): Iterable<NetworkEndpoint> {
    for (const source of this.#sources.values()) {
      const origin = originOf(source)
      for (const [identity, { record }] of source.entries()) {
        const endpoint = endpointOf(identity, record, origin)
        if (endpoint !== undefined) yield endpoint
      }
    }
  }

  endpoint(identity: string): NetworkEndpoint | undefined {
    const source = this.#sources.get(prefixOf(identity))
    const record = source?.record(identity)
    return source && record && endpointOf(identity, record, originOf(source))
  }

  isSettled(identity: string): boolean {
    return this.#sources.get(prefixOf(identity))?.isSettled ?? this.#areAllKnown
  }

  onChange(observer: (identities: readonly string[]) => void, onFailure?: (error: unknown) => void): () => void {
    return this.#observers.add(observer, onFailure)
  }

  #changed(source: VanflowSource, identities: readonly string[]): void {
    const kinds = identities.map(identity => source.record(identity)?.kind)
    const isOfOrigin = kinds.includes('site') || kinds.includes('router')
    const changed = isOfOrigin ? [...source.entries()].map(([identity]) => identity).concat(identities) : identities
    // A record that has ended may have been an endpoint.
    const endpoints = new Set(
      changed.filter(identity => {
        const record = source.record(identity)
        return record === undefined || isEndpoint(record.kind)
      }),
    )
    if (endpoints.size > 0) this.#observers.notify([...endpoints])
    const predecessors = this.#predecessorsOf(source)
    if (predecessors.length === 0) return
    const records = kinds.includes('router') ? [...source.entries()].map(([identity]) => identity) : identities
    const names = new Set(records.flatMap(identity => endpointName(source.record(identity)) ?? []))
    for (const other of predecessors) {
      const replaced = [...other.entries()].filter(([, { record }]) => names.has(endpointName(record) ?? ''))
      other.remove(replaced.map(([identity]) => identity))
    }
  }

  /** A restarted router is a new source, and the old one is lost only after ten seconds. */
  #predecessorsOf(source: VanflowSource): readonly VanflowSource[] {
    const { routerName } = source
    if (routerName === undefined) return []
    return [...this.#sources.values()].filter(
      other => other !== source && other.routerName === routerName && other.isSilentSince(source),
    )
  }
}

const endpointName = (record: VanflowRecord | undefined): string | undefined =>
  record !== undefined && isEndpoint(record.kind) && record.texts.name !== undefined
    ? `${record.kind} ${record.texts.name}`
    : undefined

type Origin = Pick<NetworkEndpoint, 'site' | 'router'>

/** VanFlow's name of a router is `0/` and its id. */
const originOf = ({ siteName, routerName }: VanflowSource): Origin => ({
  site: siteName,
  router: routerName?.slice(routerName.indexOf('/') + 1),
})

const endpointOf = (identity: string, { kind, texts }: VanflowRecord, origin: Origin): NetworkEndpoint | undefined => {
  if (!isEndpoint(kind) || texts.address === undefined) return undefined
  const { address: routingKey, name, destHost: host, destPort: port } = texts
  return { identity, kind, routingKey, name, host, port, ...origin }
}
