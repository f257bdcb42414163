import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ConnectorRow } from '../../projections/connector-status.ts'
import type { ListenerRow } from '../../projections/listener-status.ts'
import type { ConnectorCommand, ListenerCommand } from '../../schemas/commands.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import type { CommandAnswer, CommandOptions } from '../../src/engine/commands/types.ts'
import { createEngine, type EngineOptions } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import type { ConnectRebuilder, Rebuilder } from '../../src/engine/rebuild/types.ts'
import { type EventStore, NO_STREAM } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { connectLocally } from '../../src/lib/worker-rpc.ts'
import { LogRebuilder } from '../../src/ops/running-rebuild/rebuilder.ts'
import { all } from '../contract/event-store/events.ts'
import { FaultyStore } from '../fakes/faulty-store.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { scratchFolder } from './scratch-folder.ts'

export const ALICE = { actor: 'alice', via: 'graphql' as const, correlationId: '6b8a2a0e-64a5-4b5c-a5b4-0d8f6c1b1f11' }

interface Options
  extends Partial<
    Pick<
      EngineOptions,
      'projections' | 'connectHistory' | 'timeoutMs' | 'logger' | 'knownEvents' | 'lastWatched' | 'mostNoted'
    >
  > {
  /** Called before a rebuild reads on in the log, which waits for it. */
  readonly beforeRebuilding?: () => Promise<void>
}
type Given = Omit<CommandOptions, 'caller'>

const EVENTS = 'events.db'
const READ_MODELS = 'read-models.db'

/** Without a thread, whose start takes longer than most rebuilds of tests. */
const rebuilderInThisThread =
  (eventFile: string, { beforeRebuilding }: Options): ConnectRebuilder =>
  fresh => {
    const rebuilder = new LogRebuilder(fresh, async () => {
      await beforeRebuilding?.()
      return openSqliteEventStore({ file: eventFile, access: 'read' })
    })
    return { ...connectLocally<Rebuilder>(() => rebuilder), end: () => rebuilder.close() }
  }

/** An engine on a SQLite store in a scratch folder that can be stopped, restarted and crashed. */
export class TestEngine implements AsyncDisposable {
  readonly #folder: AsyncDisposable & { readonly path: string }
  readonly #others: Engine[] = []
  #opened: { readonly store: FaultyStore; readonly engine: Engine } | undefined

  private constructor(folder: AsyncDisposable & { readonly path: string }) {
    this.#folder = folder
  }

  /** Starts and catches up with the log. */
  static async start(options: Options = {}): Promise<TestEngine> {
    const test = new TestEngine(await scratchFolder())
    await test.startAgain(options)
    return test
  }

  get store(): FaultyStore {
    return this.#running.store
  }

  get engine(): Engine {
    return this.#running.engine
  }

  get #running() {
    if (this.#opened === undefined) throw new Error('the engine is stopped')
    return this.#opened
  }

  get eventFile(): string {
    return join(this.#folder.path, EVENTS)
  }

  get readModelFile(): string {
    return join(this.#folder.path, READ_MODELS)
  }

  /** Restarts without waiting until it has caught up. */
  open(options: Options = {}): void {
    const store = new FaultyStore(openSqliteEventStore({ file: this.eventFile }))
    this.#opened = { store, engine: this.#engineOn(store, this.readModelFile, options) }
  }

  async startAgain(options: Options = {}): Promise<void> {
    this.open(options)
    await this.engine.whenReady()
  }

  async restart(options: Options = {}): Promise<void> {
    await this.stop()
    await this.startAgain(options)
  }

  /** Another engine on the same store, or a decorator of it, with separate read models. */
  async startAnother(
    around: (store: EventStore) => EventStore = store => store,
    options: Options = {},
  ): Promise<Engine> {
    const file = join(this.#folder.path, `other-${this.#others.length}.db`)
    const engine = this.#engineOn(around(this.store), file, options)
    this.#others.push(engine)
    await engine.whenReady()
    return engine
  }

  #engineOn(store: EventStore, readModelFile: string, options: Options): Engine {
    const connectRebuilder = rebuilderInThisThread(this.eventFile, options)
    return createEngine({
      store,
      readModelFile,
      logger: silentLogger,
      connectHistory: connectInThisThread,
      connectRebuilder,
      ...options,
    })
  }

  /** Simulates a crash: starts on a copy of the files on disk. */
  async crashed(options: Options = {}): Promise<TestEngine> {
    const copy = new TestEngine(await scratchFolder())
    for (const file of await readdir(this.#folder.path))
      if (/\.db(-wal)?$/.test(file)) await copyFile(join(this.#folder.path, file), join(copy.#folder.path, file))
    await copy.startAgain(options)
    return copy
  }

  async stop(): Promise<void> {
    if (this.#opened === undefined) return
    const { store, engine } = this.#opened
    this.#opened = undefined
    for (const other of this.#others.splice(0)) await other.close()
    await engine.close()
    await store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#folder[Symbol.asyncDispose]()
  }

  run(command: ListenerCommand, options?: Given): Promise<CommandAnswer<ListenerRow>>
  run(command: ConnectorCommand, options?: Given): Promise<CommandAnswer<ConnectorRow>>
  run(
    command: ListenerCommand | ConnectorCommand,
    options: Given = {},
  ): Promise<CommandAnswer<ListenerRow | ConnectorRow>> {
    return this.engine.execute(command, { caller: ALICE, ...options })
  }

  /** Appends reports of a site's router and waits until they are visible. */
  async routerReports(...events: readonly DomainEvent[]): Promise<void> {
    for (const { type, data } of events) {
      const stream = `router-${(data as { namespace: string }).namespace}`
      let revision = NO_STREAM
      for await (const last of this.store.readStream(stream, { direction: 'backward', limit: 1 }))
        revision = last.revision
      const metadata = { schemaVersion: schemaVersion(type), actor: 'router', correlationId: randomUUID() }
      const { position } = await this.store.append(stream, revision, [{ id: randomUUID(), type, data, metadata }])
      await until(() => this.engine.read.head().position >= position)
    }
  }

  log(): Promise<RecordedEvent[]> {
    return all(this.store.readAll())
  }

  stream(name: string): Promise<RecordedEvent[]> {
    return all(this.store.readStream(name))
  }

  /** The event types of a stream. */
  async story(stream: string): Promise<string[]> {
    return (await this.stream(stream)).map(({ type }) => type)
  }

  /** Requires that the engine is stopped. */
  forgetReadModels(): void {
    rmSync(this.readModelFile)
  }

  /** Every row on disk. Requires that the engine is stopped. */
  rowsOnDisk(): unknown[] {
    const database = new DatabaseSync(this.readModelFile)
    try {
      return database.prepare('SELECT * FROM rows ORDER BY model, "table", key').all()
    } finally {
      database.close()
    }
  }

  /** Stops, and returns the rows on disk and those made from the log. */
  async rowsAndRebuiltRows(): Promise<{ readonly rows: unknown[]; readonly rebuilt: unknown[] }> {
    await this.stop()
    const rows = this.rowsOnDisk()
    this.forgetReadModels()
    await this.startAgain()
    await this.stop()
    return { rows, rebuilt: this.rowsOnDisk() }
  }
}

/** Resolves once the condition holds. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 2))
}
