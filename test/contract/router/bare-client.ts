import rhea, {
  type Connection,
  type ConnectionOptions,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
} from 'rhea'

interface BareAnswer {
  readonly statusCode: number
  readonly statusDescription: string
  readonly body: unknown
}

/** Management with rhea and nothing else: what Hark's client is judged by. */
export class BareClient {
  readonly #connection: Connection
  readonly #sender: Sender
  readonly #replyTo: string
  readonly #waiting = new Map<string, (message: Message) => void>()
  #requests = 0

  private constructor(connection: Connection, sender: Sender, receiver: Receiver) {
    this.#connection = connection
    this.#sender = sender
    this.#replyTo = receiver.source.address
    receiver.on('message', ({ message }: EventContext) => {
      this.#waiting.get(String(message?.correlation_id))?.(message as Message)
    })
  }

  static open(url: string): Promise<BareClient> {
    const { hostname: host, port } = new URL(url)
    const connection = rhea.create_container().connect({
      host,
      port: Number(port),
      reconnect: false,
      username: 'anonymous',
      tcp_no_delay: true,
    } as ConnectionOptions)
    const receiver = connection.open_receiver({ source: { address: '', dynamic: true } })
    const sender = connection.open_sender('$management')
    return new Promise((resolve, reject) => {
      connection.on('disconnected', ({ error }) => reject(error))
      receiver.on('receiver_open', () => resolve(new BareClient(connection, sender, receiver)))
    })
  }

  ask(properties: Readonly<Record<string, string>>, body: unknown = null): Promise<BareAnswer> {
    this.#requests += 1
    const id = `${this.#requests}`
    return new Promise(resolve => {
      this.#waiting.set(id, message => {
        this.#waiting.delete(id)
        const { statusCode, statusDescription } = message.application_properties as unknown as BareAnswer
        resolve({ statusCode, statusDescription, body: message.body })
      })
      this.#sender.send({
        to: '$management',
        reply_to: this.#replyTo,
        correlation_id: id,
        application_properties: properties,
        body,
      })
    })
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#connection.once('connection_close', resolve))
    this.#connection.close()
    await closed
  }
}
