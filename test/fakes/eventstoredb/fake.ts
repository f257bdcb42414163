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

/** As on the server, larger requests end the call. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024

/** EventStoreDB in this process, for the real client: its protocol, errors and outages. The log survives `stop` and `kill`. */
export class FakeEventStoreDb implements AsyncDisposable {
  readonly log: EventLog
  readonly #failureMode = new FailureMode()
  readonly #proxy = new TcpProxy()
  /** The number of events sent to subscribers. */
  eventsSubscribed = 0
  #server: Server | undefined
  #serverPort = 0
  #subscriptions = new AbortController()
  #appending = new AbortController()

  constructor(log = new EventLog()) {
    this.log = log
  }

  get port(): number {
    return this.#proxy.port
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`
  }

  /** Listens on the given port, by default on a free one, or on the same as before. */
  async start({ port }: { port?: number } = {}): Promise<this> {
    if (!this.#server) await this.#serve()
    await this.#proxy.open({ hostname: '127.0.0.1', port: this.#serverPort }, port)
    return this
  }

  /** Refuses new connections, serves those it has for a while, then drops them. */
  async stop({ graceMs = 100 }: { graceMs?: number } = {}): Promise<void> {
    this.#proxy.refuse()
    await new Promise(resolve => setTimeout(resolve, graceMs))
    this.kill()
  }

  /** Resets connections and refuses new ones. */
  kill(): void {
    this.log.forgetIds()
    this.#proxy.break()
    this.#proxy.thaw()
    this.#failureMode.resume()
  }

  /** Drops connections and accepts new ones. */
  cutConnections(): void {
    this.#proxy.cut()
  }

  /** Accepts connections and never responds, as after SIGSTOP. */
  freeze(): void {
    this.#proxy.freeze()
  }

  unfreeze(): void {
    this.#proxy.thaw()
  }

  /** Whether it is starting, and responds to everything with "not ready". */
  setStarting(starting: boolean): void {
    this.#failureMode.starting = starting
  }

  /** Whether it was elected and does not lead yet: it rejects appends, and reads from an index up to this position. */
  setPreLeader(indexedTo: number | undefined): void {
    this.#failureMode.preLeader = indexedTo !== undefined
    this.log.indexUpTo(indexedTo)
  }

  /** The number of requests, each append of a call counted. */
  get requests(): number {
    return this.#failureMode.requests
  }

  /** Acts before the nth request from now, each append of a call counted. */
  beforeRequest(nth: number, act: () => void): void {
    this.#failureMode.schedule(nth, act)
  }

  /** Keeps connections alive; requests wait for `resume`. */
  pause(): void {
    this.#failureMode.pause()
  }

  resume(): void {
    this.#failureMode.resume()
  }

  /** Carries out the next append, and drops the connections instead of a response. */
  loseNextAnswer(): void {
    this.#failureMode.loseNextAnswer(() => this.#proxy.cut())
  }

  /** Ends every subscription as too slow, as the server does after a burst of events. */
  dropSubscriptions(): void {
    this.#subscriptions.abort(consumerTooSlow())
    this.#subscriptions = new AbortController()
  }

  /** Ends the append calls without an error. */
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
      append: appendOne(this.log, this.#failureMode),
      batchAppend: batchAppend(this.log, this.#failureMode, () => this.#appending.signal),
      delete: remove(this.log),
      read: read(this.log, this.#failureMode, {
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
