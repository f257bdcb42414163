import assert from 'node:assert/strict'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Hark, startHark } from '../../src/app.ts'
import type { CertificateFolders } from '../../src/router/amqp/session.ts'
import { SimulatedNetwork } from '../../src/simulator/network.ts'
import type { SimulatedRouter } from '../../src/simulator/router.ts'
import type { SimulatedNetworkOptions } from '../../src/simulator/types.ts'
import { freePort } from '../contract/router/fixtures.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { clock, eventually, timeLimit } from '../fakes/virtual-clock.ts'
import { seededRandom } from './random.ts'
import { scratchFolder } from './scratch-folder.ts'
import { overEvents, type TestSubscription } from './subscription-client.ts'
import type { Answer, GraphQLError } from './test-server.ts'

export const WEST = 'west'
export const EAST = 'east'

export interface Condition {
  readonly type: 'Configured' | 'Matched' | 'Ready' | 'Reachable'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
}

export interface ShownListener {
  readonly matchingConnectors: readonly {
    readonly name: string
    readonly site: string
    readonly host: string
    readonly port: string
    readonly since: string
  }[]
  readonly metadata: { readonly name: string; readonly generation: number }
  readonly spec: { readonly routingKey: string; readonly host: string; readonly port: number }
  readonly status: {
    readonly status: string
    readonly message: string
    readonly hasMatchingConnector: boolean
    readonly conditions: readonly Condition[]
  }
}

export interface LoggedEvent {
  readonly id: string
  readonly type: string
  readonly data: Record<string, unknown>
  readonly actor: string
  readonly correlationId: string
  readonly causationId: string | null
}

/** A listener as received by a subscriber, with the time in milliseconds. */
export interface Change {
  readonly at: number
  readonly listener: ShownListener
}

const LISTENER = `{
  metadata { name generation }
  spec { routingKey host port }
  matchingConnectors { name site host port since }
  status {
    status message hasMatchingConnector
    conditions { type status reason message observedGeneration }
  }
}`
const WATCH = `subscription ($namespace: String!, $name: String!) {
  listener(namespace: $namespace, name: $name) { listener ${LISTENER} }
}`

export const conditionOf = ({ status }: ShownListener, type: Condition['type']): Condition =>
  status.conditions.find(condition => condition.type === type)!

export const isReady = (listener: ShownListener): boolean => conditionOf(listener, 'Ready').status === 'True'

/** The conditions in one line, for comparisons. */
export const summaryOf = (listener: ShownListener): string =>
  [
    conditionOf(listener, 'Configured').status,
    conditionOf(listener, 'Matched').status,
    conditionOf(listener, 'Ready').status,
    listener.status.status,
    listener.status.message,
    listener.status.hasMatchingConnector,
  ].join(', ')

export const PENDING = 'True, False, False, Pending, No matching connectors, false'
export const READY = 'True, True, True, Ready, OK, true'

export interface TestbedOptions extends SimulatedNetworkOptions {
  readonly graceSeconds?: number
}

/** Two linked routers and a Hark that manages both; tests use GraphQL only. */
export class RouterTestbed implements AsyncDisposable {
  readonly network: SimulatedNetwork
  readonly west: SimulatedRouter
  readonly east: SimulatedRouter
  readonly #folder: Awaited<ReturnType<typeof scratchFolder>>
  readonly #graceSeconds: number
  readonly #watches: Watch[] = []
  #hark: Hark | undefined

  private constructor(options: TestbedOptions, folder: RouterTestbed['folder']) {
    const { graceSeconds = 10, ...ofNetwork } = options
    this.network = new SimulatedNetwork({ random: seededRandom(), clock, ...ofNetwork })
    this.west = this.network.addRouter({ id: 'west' })
    this.east = this.network.addRouter({ id: 'east' })
    this.#folder = folder
    this.#graceSeconds = graceSeconds
  }

  static async start(options: TestbedOptions = {}): Promise<RouterTestbed> {
    const stage = new RouterTestbed(options, await scratchFolder())
    await Promise.all([stage.west.start(), stage.east.start()])
    stage.network.link(stage.east, stage.west)
    await stage.startHark()
    await stage.connected()
    return stage
  }

  get folder(): Awaited<ReturnType<typeof scratchFolder>> {
    return this.#folder
  }

  get url(): string {
    if (this.#hark === undefined) throw new Error('Hark is stopped')
    return this.#hark.url
  }

  /** @param certificates folders with bundles of TLS credentials, by namespace */
  async startHark(certificates: Readonly<Record<string, CertificateFolders>> = {}): Promise<void> {
    const data = this.#folder.path
    this.#hark = await startHark(
      {
        host: '127.0.0.1',
        port: 0,
        data,
        store: { kind: 'sqlite', file: `${data}/events.db` },
        routers: [
          { namespace: WEST, url: this.west.url, ...(certificates[WEST] && { certificates: certificates[WEST] }) },
          { namespace: EAST, url: this.east.url, ...(certificates[EAST] && { certificates: certificates[EAST] }) },
        ],
        routerGrace: this.#graceSeconds,
        checkpointSeconds: 60,
        listenerMetrics: 0,
        logLevel: 'silent',
        logFormat: 'numbers',
      },
      silentLogger,
      { clock, historyInThisThread: true },
    )
  }

  async stopHark(): Promise<void> {
    await this.#hark?.close()
    this.#hark = undefined
  }

  /** Simulates a power loss: the next start uses the files on disk. */
  async crashHark(): Promise<void> {
    const data = this.#folder.path
    const files = (await readdir(data)).filter(file => !file.startsWith('crashed'))
    const kept = join(data, 'crashed')
    await mkdir(kept)
    await Promise.all(files.map(file => copyFile(join(data, file), join(kept, file))))
    await this.stopHark()
    await Promise.all((await readdir(data)).filter(file => file !== 'crashed').map(file => rm(join(data, file))))
    await Promise.all(files.map(file => rename(join(kept, file), join(data, file))))
    await rm(kept, { recursive: true })
  }

  /** Waits until both routers are managed. */
  async connected(): Promise<void> {
    await eventually(async () => {
      const { sites } = await this.data('{ sites { router { connection } } }')
      return (
        sites.length === 2 &&
        sites.every(({ router }: { router: { connection: string } }) => router.connection === 'Connected')
      )
    })
  }

  /** Waits until each router has all records of the other. */
  async settled(name = 'first'): Promise<void> {
    const watch = await this.watch(name)
    await this.createConnector(name)
    await this.createListener(name, { host: 'localhost', port: await freePort() })
    await watch.until(isReady)
  }

  async graphql(query: string, variables: object = {}): Promise<Pick<Answer, 'data' | 'errors'>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as Answer
  }

  async data(query: string, variables: object = {}): Promise<NonNullable<Answer['data']>> {
    const { data, errors } = await this.graphql(query, variables)
    assert.equal(errors, undefined)
    return data
  }

  createListener(name: string, spec: object): Promise<Pick<Answer, 'data' | 'errors'>> {
    return this.graphql('mutation ($input: CreateListenerInput!) { createListener(input: $input) { position } }', {
      input: { namespace: WEST, name, spec: { routingKey: name, host: '127.0.0.1', ...spec } },
    })
  }

  async createConnector(name: string, spec: object = {}): Promise<void> {
    await this.data('mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { position } }', {
      input: { namespace: EAST, name, spec: { routingKey: name, host: '127.0.0.1', port: 9090, ...spec } },
    })
  }

  async deleteConnector(name: string): Promise<void> {
    await this.data('mutation ($input: DeleteInput!) { deleteConnector(input: $input) { position } }', {
      input: { namespace: EAST, name },
    })
  }

  async listener(name: string): Promise<ShownListener> {
    const query = `query ($namespace: String!, $name: String!) { listener(namespace: $namespace, name: $name) ${LISTENER} }`
    return (await this.data(query, { namespace: WEST, name })).listener
  }

  async events(namespace: string): Promise<readonly LoggedEvent[]> {
    const query = `query ($namespace: String, $after: Position) {
      events(namespace: $namespace, first: 1000, after: $after) { edges { node { id type data actor correlationId causationId } } pageInfo { hasNextPage endCursor } }
    }`
    const found = []
    for (let after: string | null = null; ; ) {
      const { events } = await this.data(query, { namespace, after })
      found.push(...events.edges.map(({ node }: { node: object }) => node))
      if (!events.pageInfo.hasNextPage) return found
      after = events.pageInfo.endCursor
    }
  }

  /** Follows a listener of the west and checks every Ready against the router. */
  async watch(name: string): Promise<Watch> {
    const live = await overEvents(this.url, WATCH, { namespace: WEST, name })
    const watch = new Watch(live, listener => this.#isOpen(listener))
    this.#watches.push(watch)
    return watch
  }

  /** Whether the router has the listener's entity, with an open socket. */
  #isOpen({ metadata, spec }: ShownListener): boolean {
    return this.west
      .reports('tcpListener')
      .some(
        ({ name, address, host, port, operStatus }) =>
          name === `listener/${metadata.name}` &&
          address === spec.routingKey &&
          host === spec.host &&
          port === `${spec.port}` &&
          operStatus === 'up',
      )
  }

  entityNames(router: SimulatedRouter, type: string): string[] {
    return router
      .entities(type)
      .map(({ name }) => name)
      .sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches) watch.close()
    await this.stopHark()
    await this.network.stop()
    await this.#folder[Symbol.asyncDispose]()
    for (const watch of this.#watches) watch.judge()
  }
}

export class Watch {
  readonly changes: Change[] = []
  readonly #falseReadies: string[] = []
  readonly #live: TestSubscription
  #hasLeft = false
  #failure: unknown

  constructor(live: TestSubscription, isOpen: (listener: ShownListener) => boolean) {
    this.#live = live
    this.#follow(isOpen).catch(error => {
      if (!this.#hasLeft) this.#failure = error
    })
  }

  async #follow(isOpen: (listener: ShownListener) => boolean): Promise<void> {
    for (;;) {
      const result = await this.#live.next()
      if (result === undefined) return
      if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors))
      const listener = result.data?.listener.listener as ShownListener | null
      if (listener === null || listener === undefined) continue
      this.changes.push({ at: clock.now(), listener })
      const { generation } = listener.metadata
      const isTrue =
        isOpen(listener) &&
        listener.status.hasMatchingConnector &&
        listener.matchingConnectors.length > 0 &&
        listener.status.conditions.every(
          ({ status, observedGeneration }) => status === 'True' && observedGeneration === generation,
        )
      if (isReady(listener) && !isTrue) this.#falseReadies.push(JSON.stringify(listener))
    }
  }

  /** The first matching change after `since`. */
  async until(holds: (listener: ShownListener) => boolean, { since = 0, withinMs = 20_000 } = {}): Promise<Change> {
    const isOver = timeLimit(withinMs)
    for (;;) {
      const found = this.changes.find(({ at, listener }) => at >= since && holds(listener))
      if (found !== undefined) return found
      if (this.#failure !== undefined) throw this.#failure
      const seen = this.changes.map(({ listener }) => summaryOf(listener))
      assert.ok(!isOver(), `the condition did not hold within ${withinMs} ms; the changes:\n${seen.join('\n')}`)
      await clock.sleep(5)
    }
  }

  /** The conditions since `since`, one line per change. */
  summaries(since = 0): string[] {
    const all = this.changes.filter(({ at }) => at >= since).map(({ listener }) => summaryOf(listener))
    return all.filter((summary, index) => summary !== all[index - 1])
  }

  close(): void {
    this.#hasLeft = true
    this.#live.disconnect()
  }

  /** @throws if it was ever Ready without an open socket */
  judge(): void {
    assert.deepEqual(this.#falseReadies, [])
  }
}

export const onlyError = ({ errors = [] }: Pick<Answer, 'errors'>): GraphQLError => {
  assert.equal(errors.length, 1)
  return errors[0]!
}
