import { setImmediate as turn } from 'node:timers/promises'
import type { ManagedType } from '../../../schemas/router-entities.ts'
import type { ManagedEntity } from '../../../src/controller/entities/managed-entity.ts'
import { EntityReconciler } from '../../../src/controller/entities/reconciler.ts'
import type { DriverConflict } from '../../../src/controller/lease/driver-conflict.ts'
import type { SiteState } from '../../../src/controller/site-state.ts'
import { MemoryRouter } from './memory-router.ts'

export const TYPE = {
  sslProfile: 'io.skupper.router.sslProfile',
  tcpListener: 'io.skupper.router.tcpListener',
} as const

/** What a site wants, as a test sets it. */
class DesiredState {
  #desired = new Map<string, ManagedEntity>()
  readonly #profiles = new Set<string>()

  get site(): SiteState {
    const site: Pick<SiteState, 'desired' | 'desiredEntity' | 'isRetiredProfile'> = {
      desired: () => [...this.#desired.values()],
      desiredEntity: (type, name) => {
        const entity = this.#desired.get(name)
        return entity?.type === type ? entity : undefined
      },
      isRetiredProfile: name => this.#profiles.has(name) && !this.#desired.has(name),
    }
    return site as SiteState
  }

  get entities(): Iterable<ManagedEntity> {
    return this.#desired.values()
  }

  /** Returns the entities to reconcile. */
  become(listeners: readonly DesiredListener[]): { type: ManagedType; name: string }[] {
    const before = [...this.#desired.values()]
    this.#desired = new Map(listeners.flatMap(entitiesOf).map(entity => [entity.name, entity]))
    for (const { type, name } of this.#desired.values()) if (type === 'sslProfile') this.#profiles.add(name)
    return [...before, ...this.#desired.values()].map(({ type, name }) => ({ type, name }))
  }
}

interface DesiredListener {
  readonly name: string
  readonly port: number
  readonly profile?: string | undefined
}

const profileEntity = (name: string): ManagedEntity => ({
  type: 'sslProfile',
  name,
  attributes: { name, caCertFile: `/${name}/ca.crt`, certFile: `/${name}/tls.crt`, privateKeyFile: `/${name}/tls.key` },
})

export const entitiesOf = ({ name, port, profile }: DesiredListener): ManagedEntity[] => [
  ...(profile === undefined ? [] : [profileEntity(profile)]),
  {
    type: 'tcpListener',
    name: `listener/${name}`,
    attributes: {
      name: `listener/${name}`,
      host: name,
      port: `${port}`,
      address: name,
      ...(profile !== undefined && { sslProfile: profile }),
    },
  } as ManagedEntity,
]

export const settled = async (entities: EntityReconciler): Promise<void> => {
  for (let look = 0; look < 4; look += 1) {
    await entities.observe()
    for (let turns = 0; turns < 4; turns += 1) await turn()
  }
}

export const setUp = <Router extends MemoryRouter = MemoryRouter>(
  router = new MemoryRouter() as Router,
  conflict: Pick<DriverConflict, 'recordRevert' | 'yields'> = { recordRevert: () => undefined, yields: () => false },
  hasLease = () => true,
) => {
  const foreign = { type: TYPE.tcpListener, name: 'theirs', host: 'x', port: '1', address: 'y' }
  router.entities.set('theirs', foreign)
  const desired = new DesiredState()
  const drifts: string[] = []
  const failures: unknown[] = []
  let now = 10_000
  const entities = new EntityReconciler({
    management: router,
    site: desired.site,
    conflict,
    clock: { now: () => now },
    hasLease,
    onChange: () => undefined,
    onDrift: (_, name) => drifts.push(name),
    onFailure: error => failures.push(error),
  })
  const pass = (ms: number) => {
    now += ms
  }
  return { router, foreign, desired, drifts, failures, entities, pass }
}
