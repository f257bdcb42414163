import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Command, commands, type ListenerCommand } from '../../schemas/commands.ts'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { schemaVersion } from '../../schemas/events/upcast.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import { type EventStore, NO_STREAM } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { retryWhilePortInUse } from '../../src/lib/retry.ts'
import { rebuilderOf } from '../../src/ops/running-rebuild/connect.ts'
import { type ApiServer, createServer } from '../../src/server/server.ts'
import { silentLogger as logger } from '../fakes/silent-logger.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { type Outcome, type RunOptions, runInProcess, start } from './hark.ts'

/** A real engine in this process, to run commands against; its store takes the reports of routers. */
export class TestEngine {
  readonly url: string
  readonly #store: EventStore
  readonly #engine: Engine
  readonly #server: ApiServer
  readonly #disposal = new AsyncDisposableStack()

  private constructor(url: string, store: EventStore, engine: Engine, server: ApiServer) {
    this.url = url
    this.#store = store
    this.#engine = engine
    this.#server = server
  }

  static async start(data: string, port = 0): Promise<TestEngine> {
    const store = openSqliteEventStore({ file: join(data, 'events.db') })
    const engine = createEngine({
      store,
      readModelFile: join(data, 'read-models.db'),
      logger,
      connectHistory: connectInThisThread,
      connectRebuilder: rebuilderOf({ kind: 'sqlite', file: join(data, 'events.db') }),
    })
    const [url, server] = await retryWhilePortInUse(async () => {
      const listening = createServer({ engine, logger })
      return [await listening.listen({ host: '127.0.0.1', port }), listening] as const
    })
    return new TestEngine(url, store, engine, server)
  }

  /** An engine whose data are removed when it is closed. */
  static async startInScratchFolder(): Promise<TestEngine> {
    const folder = await scratchFolder()
    const engine = await TestEngine.start(folder.path)
    engine.#disposal.use(folder)
    return engine
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** Runs a command against this engine; a text is split at its blanks. */
  hark(command: string | readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return runInProcess(this.#args(command), this.#with(options))
  }

  /** Runs a command, which must succeed without a word on standard error; returns its standard output. */
  async done(command: string | readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.hark(command)
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    return stdout
  }

  /** Starts a command that does not end by itself. */
  startHark(command: string) {
    return start(this.#args(command), this.#with({}))
  }

  #args(command: string | readonly string[]): readonly string[] {
    return typeof command === 'string' ? command.split(' ') : command
  }

  #with(options: RunOptions): RunOptions {
    return { ...options, env: { HARK_SERVER: this.url, ...options.env } }
  }

  /** Appends reports of the router of a namespace's site. */
  async routerReports(namespace: string, events: readonly DomainEvent[]): Promise<void> {
    const stream = `router-${namespace}`
    let revision = NO_STREAM
    for await (const event of this.#store.readStream(stream)) revision = event.revision
    const metadata = { actor: 'agent', correlationId: randomUUID() }
    await this.#store.append(
      stream,
      revision,
      events.map(({ type, data }) => ({
        id: randomUUID(),
        type,
        data,
        metadata: { ...metadata, schemaVersion: schemaVersion(type) },
      })),
    )
  }

  /** Executes a command without the command line, which takes longer; returns the resource's uid. */
  async execute(type: Command['type'], input: object): Promise<string> {
    const command = commands[type].parse({ type, ...input }) as ListenerCommand
    const { uid } = await this.#engine.execute(command, {
      caller: { actor: 'test', via: 'graphql' as const, correlationId: randomUUID() },
    })
    return uid
  }

  /** Creates a listener whose routing key and host are its name. */
  createListener(namespace: string, name: string, port = 1): Promise<string> {
    return this.execute('CreateListener', { namespace, name, spec: { routingKey: name, host: name, port } })
  }

  /** Creates a connector whose routing key and host are its name. */
  createConnector(namespace: string, name: string, port = 1): Promise<string> {
    return this.execute('CreateConnector', { namespace, name, spec: { routingKey: name, host: name, port } })
  }

  async close(): Promise<void> {
    await this.#server.close()
    await this.#engine.close()
    await this.#store.close()
    await this.#disposal.disposeAsync()
  }
}
