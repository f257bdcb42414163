import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { batchAppend } from './append-calls.ts'
import { clusterInfo, supportedMethods } from './cluster-calls.ts'
import { remove, tombstone } from './delete-calls.ts'
import { FailureMode } from './failure-mode.ts'
import { EventLog } from './log.ts'
import { read } from './read-calls.ts'
import { consumerTooSlow } from './rpc-errors.ts'
import { appendOne } from './single-append-call.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** Larger requests end the whole call, as on the server. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024

/**
 * EventStoreDB in this process, for the real client to talk to: its protocol, its answers and its refusals, and the
 * ways in which it goes away. The log outlives `stop` and `kill`, as a disk does.
 */
export class FakeEventStoreDb implements AsyncDisposable {
  readonly log: EventLog
  readonly #mood = new FailureMode()
  readonly #wire = new TcpProxy()
  /** How many events were ever sent to subscribers. */
  eventsSubscribed = 0
  #server: Server | undefined
  #serverPort = 0
  #subscriptions = new AbortController()
  #appending = new AbortController()

  constructor(log = new EventLog()) {
    this.log = log
  }

  get port(): number {
    return this.#wire.port
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`
  }

  /** Listens: on a free port the first time, then on the same one again, unless told which. */
  async start({ port }: { port?: number } = {}): Promise<this> {
    if (!this.#server) await this.#serve()
    await this.#wire.open({ hostname: '127.0.0.1', port: this.#serverPort }, port)
    return this
  }

  /** Takes no more connections, goes on answering on those that it has, then drops them. */
  async stop({ graceMs = 100 }: { graceMs?: number } = {}): Promise<void> {
    this.#wire.refuse()
    await new Promise(resolve => setTimeout(resolve, graceMs))
    this.kill()
  }

  /** Dies: connections are reset, new ones refused. */
  kill(): void {
    this.log.forgetIds()
    this.#wire.break()
    this.#wire.thaw()
    this.#mood.resume()
  }

  /** Drops the connections and takes new ones. */
  cutConnections(): void {
    this.#wire.cut()
  }

  /** Accepts connections and never answers, as a process that was sent SIGSTOP. */
  freeze(): void {
    this.#wire.freeze()
  }

  unfreeze(): void {
    this.#wire.thaw()
  }

  /** Whether it is at the beginning of its life, when it answers everything with "not ready". */
  setStarting(starting: boolean): void {
    this.#mood.starting = starting
  }

  /**
   * Whether it has been elected and does not lead yet: it takes no appends, and answers readings from an index that goes up
   * to this position.
   */
  setPreLeader(indexedTo: number | undefined): void {
    this.#mood.preLeader = indexedTo !== undefined
    this.log.indexUpTo(indexedTo)
  }

  /** How often it was asked for something, appends on one call each. */
  get asked(): number {
    return this.#mood.asked
  }

  /** Connections stay alive; what is asked waits for `resume`. */
  pause(): void {
    this.#mood.pause()
  }

  resume(): void {
    this.#mood.resume()
  }

  /** Carries out the next append, and drops the connections where its answer would come. */
  loseNextAnswer(): void {
    this.#mood.loseNextAnswer(() => this.#wire.cut())
  }

  /** Ends every subscription with the word that its consumer is too slow, which a burst of events brings about. */
  dropSubscriptions(): void {
    this.#subscriptions.abort(consumerTooSlow())
    this.#subscriptions = new AbortController()
  }

  /** Ends the calls that appends are sent on, politely: no error says so. */
  endAppending(): void {
    this.#appending.abort()
    this.#appending = new AbortController()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    this.#server?.forceShutdown()
    this.#server = undefined
  }

  async #serve(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES })
    server.addService(streams.StreamsService, {
      append: appendOne(this.log, this.#mood),
      batchAppend: batchAppend(this.log, this.#mood, () => this.#appending.signal),
      delete: remove(this.log),
      read: read(this.log, this.#mood, {
        dropped: () => this.#subscriptions.signal,
        sent: () => {
          this.eventsSubscribed += 1
        },
      }),
      tombstone: tombstone(this.log),
    })
    server.addService(features.ServerFeaturesService, { getSupportedMethods: supportedMethods })
    server.addService(gossip.GossipService, { read: clusterInfo(() => this.port) })
    this.#server = server
    this.#serverPort = await new Promise((resolve, reject) => {
      const insecure = ServerCredentials.createInsecure()
      server.bindAsync('127.0.0.1:0', insecure, (error, port) => (error ? reject(error) : resolve(port)))
    })
  }
}
