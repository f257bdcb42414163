import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MANAGED_TYPES, type ManagedType } from '../../schemas/router-entities.ts'
import type { ManagedEntity } from '../../src/controller/entities/managed-entity.ts'
import { EntityReconciler } from '../../src/controller/entities/reconciler.ts'
import { DriverConflict } from '../../src/controller/lease/driver-conflict.ts'
import type { SiteState } from '../../src/controller/site-state.ts'
import { type Entity, type Management, RouterRefusal } from '../../src/router/amqp/management.ts'
import { clock } from '../fakes/virtual-clock.ts'
import fc from '../support/fast-check.ts'

/** A router in memory: it refuses names that exist, and listeners whose profile it does not have. */
class MemoryRouter implements Management {
  readonly entities = new Map<string, Entity>()
  readonly creations: string[] = []
  readonly refusals: string[] = []
  readonly deletions: string[] = []

  #type(name: string): string {
    return (this.entities.get(name) as { type: string }).type
  }

  async query(type: string): Promise<Entity[]> {
    await turn()
    return [...this.entities.values()].filter(entity => entity.type === type).map(({ type: _, ...entity }) => entity)
  }

  async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    const { sslProfile } = attributes
    const fault = this.entities.has(name)
      ? 'the name exists'
      : sslProfile !== undefined && !this.entities.has(String(sslProfile))
        ? `no profile ${sslProfile}`
        : undefined
    if (fault === undefined) {
      this.entities.set(name, { type, name, ...attributes })
      this.creations.push(name)
    }
    await turn()
    if (fault !== undefined) {
      this.refusals.push(`${name}: ${fault}`)
      throw new RouterRefusal(400, fault)
    }
    return { name, ...attributes }
  }

  async update(): Promise<void> {
    throw new RouterRefusal(400, 'Cannot update')
  }

  async delete(type: string, name: string): Promise<void> {
    const isThere = this.entities.has(name) && this.#type(name) === type
    if (isThere) {
      this.entities.delete(name)
      this.deletions.push(name)
    }
    await turn()
    if (!isThere) throw new RouterRefusal(404, 'not found')
  }
}

const MOST_ROUNDS = 200

/** Answers nothing before the test lets it, and then in order, as a router does. */
class BusyRouter extends MemoryRouter {
  readonly #waiting: (() => void)[] = []

  get waiting(): number {
    return this.#waiting.length
  }

  async answer(count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) {
      this.#waiting.shift()?.()
      for (let turns = 0; turns < 4; turns += 1) await turn()
    }
  }

  async answerAll(): Promise<void> {
    for (let round = 0; this.waiting > 0; round += 1) {
      assert.ok(round < MOST_ROUNDS, 'requests are sent again and again')
      await this.answer(this.waiting)
    }
  }

  #turn(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  override async query(type: string): Promise<Entity[]> {
    await this.#turn()
    return super.query(type)
  }

  override async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    await this.#turn()
    return super.create(type, name, attributes)
  }

  override async delete(type: string, name: string): Promise<void> {
    await this.#turn()
    return super.delete(type, name)
  }
}

const TYPE = { sslProfile: 'io.skupper.router.sslProfile', tcpListener: 'io.skupper.router.tcpListener' } as const

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

const entitiesOf = ({ name, port, profile }: DesiredListener): ManagedEntity[] => [
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

const desiredListener = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  port: fc.constantFrom(1, 2),
  profile: fc.constantFrom(undefined, undefined, 'tls-x', 'tls-y'),
})
const desired = fc.uniqueArray(desiredListener, { selector: ({ name }) => name })
const mischief = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), how: fc.constantFrom('deleted', 'altered') })
const step = fc.record({
  desired,
  mischief: fc.array(mischief, { maxLength: 2 }),
  looks: fc.integer({ min: 0, max: 2 }),
})

const settled = async (entities: EntityReconciler): Promise<void> => {
  for (let look = 0; look < 4; look += 1) {
    await entities.observe()
    for (let turns = 0; turns < 4; turns += 1) await turn()
  }
}

const setUp = <Router extends MemoryRouter = MemoryRouter>(
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

describe('EntityReconciler', () => {
  it('converges to the desired entities, whatever others change meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
        const { router, foreign, desired, failures, entities } = setUp()
        await entities.observe()
        for (const { desired: listeners, mischief, looks } of steps) {
          entities.reconcile(desired.become(listeners))
          for (const { name, how } of mischief) {
            const held = router.entities.get(`listener/${name}`)
            if (held === undefined) continue
            if (how === 'deleted') router.entities.delete(`listener/${name}`)
            else router.entities.set(`listener/${name}`, { ...held, port: '666' })
          }
          for (let look = 0; look < looks; look += 1) await entities.observe()
        }
        await settled(entities)
        const expected = [...desired.entities].map(({ type, attributes }) => ({
          type: TYPE[type as keyof typeof TYPE],
          ...(attributes as object),
        }))
        const byName = (all: Iterable<object>) =>
          [...all].sort((a, b) => ((a as Entity).name as string).localeCompare((b as Entity).name as string))
        assert.deepEqual(byName(router.entities.values()), byName([foreign, ...expected]))
        assert.deepEqual(failures, [])
      }),
      { numRuns: 500 },
    )
  })

  it('observes the types in use, and always tcpListener', async () => {
    const { desired, entities, router } = setUp()
    assert.deepEqual(entities.typesInUse, ['tcpListener'])
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    assert.deepEqual(entities.typesInUse, ['sslProfile', 'tcpListener'])
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual(entities.typesInUse, ['tcpListener'])
    assert.deepEqual([...router.entities.keys()], ['theirs'])
  })

  it('sends nothing to a router in sync', async () => {
    const { router, desired, entities } = setUp()
    const listeners = [{ name: 'a', port: 1, profile: 'tls-x' }]
    for (const entity of listeners.flatMap(entitiesOf))
      router.entities.set(entity.name, {
        type: TYPE[entity.type as keyof typeof TYPE],
        ...(entity.attributes as Entity),
      })
    desired.become(listeners)
    await settled(entities)
    assert.deepEqual(router.creations, [])
  })

  it('deletes an unused profile, but not while others use it', async () => {
    const { router, desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    router.entities.set('theirs', { type: TYPE.tcpListener, name: 'theirs', sslProfile: 'tls-x' })
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual([...router.entities.keys()].sort(), ['theirs', 'tls-x'])
    router.entities.delete('theirs')
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], [])
  })

  it('keeps a profile that is desired again while its deletion is prepared', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answerAll()
    await first
    const listeners = [{ name: 'a', port: 1, profile: 'tls-x' }]
    entities.reconcile(desired.become(listeners))
    await router.answerAll()
    entities.reconcile(desired.become([]))
    await router.answer(1)
    assert.equal(router.waiting, 4, 'it queries who uses the profile')
    entities.reconcile(desired.become(listeners))
    await router.answerAll()
    assert.deepEqual(
      router.creations.filter(name => name === 'tls-x'),
      ['tls-x'],
    )
    assert.ok(router.entities.has('listener/a'))
  })

  it('observes and sends a single change while it sends a bulk', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const bulk = Array.from({ length: 500 }, (_, index) => ({ name: `bulk-${index}`, port: 1 }))
    for (const entity of desired.become(bulk)) entities.reconcile([entity])
    const look = entities.observe()
    let isAnswered = false
    void look.then(() => {
      isAnswered = true
    })
    assert.ok(router.waiting <= 30, `${router.waiting} requests wait on the router`)
    await router.answer(router.waiting)
    assert.ok(isAnswered)
    entities.reconcile(
      desired.become([...bulk, { name: 'single', port: 1 }]).filter(({ name }) => name.endsWith('single')),
    )
    await router.answer(60)
    assert.ok(router.entities.has('listener/single'))
    assert.ok(router.entities.size < 150)
    await router.answerAll()
    assert.equal(router.entities.size, 502)
    // The oldest are not overtaken for ever by what comes later.
    assert.ok(router.creations.indexOf('listener/bulk-100') < 300)
  })

  it('creates a profile before its users, however many other requests wait', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const bulk = Array.from({ length: 60 }, (_, index) => ({ name: `bulk-${index}`, port: 1 }))
    entities.reconcile(desired.become(bulk))
    const secure = ['x', 'y'].map(name => ({ name, port: 1, profile: `tls-${name}` }))
    entities.reconcile(desired.become([...bulk, ...secure]).slice(bulk.length))
    await router.answerAll()
    assert.equal(router.entities.size, 1 + 60 + 4)
    assert.deepEqual(router.refusals, [])
  })

  it('deletes a profile after its users, however many other requests wait', async () => {
    const { router, desired, entities } = setUp(new BusyRouter())
    const first = entities.observe()
    await router.answer(MANAGED_TYPES.length)
    await first
    const secure = Array.from({ length: 60 }, (_, index) => ({ name: `l${index}`, port: 1, profile: 'tls-x' }))
    entities.reconcile(desired.become(secure))
    await router.answerAll()
    entities.reconcile(desired.become([]))
    await router.answerAll()
    assert.deepEqual([...router.entities.keys()], ['theirs'])
    assert.equal(router.deletions.at(-1), 'tls-x')
  })

  it('sends nothing without the lease, and all of it after the next observation', async () => {
    let hasLease = false
    const { router, desired, entities } = setUp(new MemoryRouter(), undefined, () => hasLease)
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs'])
    hasLease = true
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs', 'tls-x', 'listener/a'])
    hasLease = false
    entities.reconcile(desired.become([]))
    await settled(entities)
    assert.deepEqual(router.deletions, [])
    hasLease = true
    await settled(entities)
    assert.deepEqual([...router.entities.keys()], ['theirs'])
  })

  it('ignores an observation that its last request has overtaken', async () => {
    const { router, desired, entities, drifts } = setUp()
    await settled(entities)
    const late = Promise.withResolvers<void>()
    const query = router.query.bind(router)
    router.query = async type => {
      const found = await query(type)
      await late.promise
      return found
    }
    const observing = entities.observe()
    for (let turns = 0; turns < 2; turns += 1) await turn()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.ok(router.entities.has('listener/a'))
    late.resolve()
    await observing
    await settled(entities)
    assert.deepEqual([drifts, router.creations], [[], ['listener/a']])
  })

  it('does not send a refused entity again until it changes or two seconds have passed', async () => {
    const { router, desired, entities, pass } = setUp()
    await settled(entities)
    const create = router.create.bind(router)
    const ports: unknown[] = []
    router.create = async (_, __, { port }) => {
      ports.push(port)
      throw new RouterRefusal(400, 'no')
    }
    const a = { name: 'a', port: 1 }
    entities.reconcile(desired.become([a]))
    await settled(entities)
    entities.reconcile(desired.become([a]))
    entities.retry()
    await settled(entities)
    assert.deepEqual(ports, ['1'])
    entities.reconcile(desired.become([{ ...a, port: 2 }]))
    await settled(entities)
    assert.deepEqual(ports, ['1', '2'])
    pass(1999)
    entities.retry()
    await settled(entities)
    assert.deepEqual(ports, ['1', '2'])
    router.create = create
    pass(1)
    entities.retry()
    await settled(entities)
    assert.deepEqual(router.creations, ['listener/a'])
  })

  it('retries at most a hundred failures at once, and the oldest first', async () => {
    const { router, desired, entities, pass } = setUp()
    await settled(entities)
    const tried: string[] = []
    router.create = async (_, name) => {
      tried.push(name)
      throw new RouterRefusal(400, 'no')
    }
    const bulk = Array.from({ length: 150 }, (_, index) => ({ name: `l${index}`, port: 1 }))
    const untilTried = async (count: number) => {
      for (let look = 0; look < 5 || tried.length < count; look += 1) await settled(entities)
    }
    entities.reconcile(desired.become(bulk))
    await untilTried(150)
    for (const count of [250, 350]) {
      pass(2000)
      entities.retry()
      await untilTried(count)
    }
    assert.equal(tried.length, 350)
    assert.equal(new Set(tried.slice(150)).size, 150)
  })

  it('replaces an entity of its name that others created, once it observes it', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    router.entities.set('listener/a', { type: TYPE.tcpListener, name: 'listener/a', host: 'x', port: '9' })
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.deepEqual(router.refusals, ['listener/a: the name exists'])
    await settled(entities)
    assert.equal(router.entities.get('listener/a')?.port, '1')
    assert.equal(entities.hasFailures, false)
  })

  it('has no failure if others have deleted what it deletes', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    router.entities.delete('listener/a')
    entities.reconcile(desired.become([]))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    assert.equal(entities.hasFailures, false)
  })

  it('has no open socket and a failure while the router refuses its only listener', async () => {
    const { router, desired, entities } = setUp()
    await settled(entities)
    assert.equal(entities.hasFailures, false)
    router.create = async () => {
      throw new RouterRefusal(400, 'no')
    }
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    assert.deepEqual([entities.hasOpenSockets, entities.hasFailures], [false, true])
    assert.deepEqual(entities.state('tcpListener', 'listener/a'), { inSync: false, refusal: 'no', socket: 'closed' })
  })

  it('detects closed sockets and deleted listeners by observing sockets alone', async () => {
    const { router, desired, entities, drifts } = setUp()
    await entities.observe()
    entities.reconcile(desired.become(['a', 'b'].map(name => ({ name, port: 1 }))))
    await settled(entities)
    const become = (name: string, state: Entity) =>
      router.entities.set(name, { ...(router.entities.get(name) as Entity), ...state })
    become('listener/a', { operStatus: 'up' })
    await entities.observeSockets()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'open')
    assert.ok(entities.hasOpenSockets)
    become('listener/a', { operStatus: 'down', connectionMsg: 'Address already in use' })
    await entities.observeSockets()
    const { socket, message } = entities.state('tcpListener', 'listener/a')
    assert.deepEqual([socket, message], ['failed', 'Address already in use'])
    assert.ok(!entities.hasOpenSockets)
    router.entities.delete('listener/b')
    await entities.observeSockets()
    assert.deepEqual(drifts, ['listener/b'])
    await settled(entities)
    assert.ok(router.entities.has('listener/b'))
    assert.ok(!entities.needsFullObservation)
    router.entities.set('listener/leftover', { type: TYPE.tcpListener, name: 'listener/leftover' })
    await entities.observeSockets()
    assert.ok(entities.needsFullObservation)
    await settled(entities)
    assert.ok(!entities.needsFullObservation)
    assert.ok(!router.entities.has('listener/leftover'))
  })

  it('yields an entity that others undo again and again, and sends the rest', async () => {
    const conflict = new DriverConflict('own', false, () => clock.now())
    const { router, desired, entities } = setUp(new MemoryRouter(), conflict)
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    for (let times = 0; times < 5; times += 1) {
      router.entities.delete('listener/a')
      await settled(entities)
    }
    assert.equal(router.creations.filter(name => name === 'listener/a').length, 3)
    assert.match(conflict.message ?? '', /^Something else changes listener\/a on this router again and again/)
    entities.reconcile(
      desired.become([
        { name: 'a', port: 1 },
        { name: 'b', port: 1 },
      ]),
    )
    await settled(entities)
    assert.ok(router.entities.has('listener/b'))
    assert.ok(!router.entities.has('listener/a'))
  })

  it('reports drift for changes of others, and not for its own', async () => {
    const { router, desired, drifts, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    entities.reconcile(desired.become([{ name: 'a', port: 2 }]))
    await settled(entities)
    assert.deepEqual(drifts, [])
    router.entities.delete('listener/a')
    await settled(entities)
    assert.deepEqual(drifts, ['listener/a'])
    router.entities.set('listener/a', { ...(router.entities.get('listener/a') as Entity), host: 'elsewhere' })
    await settled(entities)
    assert.deepEqual(drifts, ['listener/a', 'listener/a'])
    assert.equal(router.entities.get('listener/a')?.host, 'a')
  })

  it('ignores an observation of an entity whose request has no response yet', async () => {
    const { router, desired, drifts, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    const answered = Promise.withResolvers<void>()
    const create = router.create.bind(router)
    router.create = async (...request) => {
      const created = await create(...request)
      await answered.promise
      return created
    }
    entities.reconcile(desired.become([{ name: 'a', port: 2 }]))
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await entities.observe()
    answered.resolve()
    await settled(entities)
    assert.equal(router.entities.get('listener/a')?.port, '1')
    assert.deepEqual(drifts, [])
  })

  it('creates a listener again whose predecessor still held the socket, and reports a second failure', async () => {
    const { router, desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    router.entities.set('listener/a', { ...(router.entities.get('listener/a') as Entity), operStatus: 'up' })
    await entities.observe()
    const create = router.create.bind(router)
    const failure = { operStatus: 'down', connectionMsg: 'Address already in use' }
    router.create = async (type, name, attributes) =>
      create(type, name, type === TYPE.tcpListener ? { ...attributes, ...failure } : attributes)
    entities.reconcile(desired.become([{ name: 'a', port: 1, profile: 'tls-x' }]))
    for (let turns = 0; turns < 8; turns += 1) await turn()
    await entities.observe()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'closed')
    await settled(entities)
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'failed')
    assert.equal(router.creations.filter(name => name === 'listener/a').length, 3)
  })

  it('has a stale socket until an observation that began later', async () => {
    const { desired, entities } = setUp()
    await entities.observe()
    entities.reconcile(desired.become([{ name: 'a', port: 1 }]))
    await settled(entities)
    const observing = entities.observe()
    entities.markStale('listener/a')
    await observing
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'stale')
    await entities.observe()
    assert.equal(entities.state('tcpListener', 'listener/a').socket, 'closed')
  })
})
