import { connect } from 'node:net'
import { protocolOf, type Transport } from '../clients/subscriber-protocols.ts'

/** Subscribers in a separate process, which do nothing but count. */
export interface SubscribersTask {
  readonly transport: Transport
  readonly url: string
  readonly subscribers: number
  /** The body of a request. */
  readonly operation: string
  /** Results of the initial state, and of changes. */
  readonly initial: number
  readonly changes: number
}

/** Sent when each subscriber has the initial state, and when each has all changes. */
export type SubscribersNews = 'ready' | 'arrived'

const BUFFER_BYTES = 65_536

const follow = ({ transport, url, subscribers, operation, initial, changes }: SubscribersTask): void => {
  const { hostname, port, host } = new URL(url)
  const buffer = Buffer.alloc(BUFFER_BYTES)
  const waiting = { ready: subscribers, arrived: subscribers }
  const count = (news: SubscribersNews): void => {
    waiting[news] -= 1
    if (waiting[news] === 0) process.send?.(news)
  }
  for (let subscriber = 0; subscriber < subscribers; subscriber += 1) {
    const protocol = protocolOf(transport, host, operation)
    let results = 0
    const receive = (length: number): boolean => {
      const before = results
      results += protocol.count(buffer.subarray(0, length), send)
      if (before < initial && results >= initial) count('ready')
      if (before < initial + changes && results >= initial + changes) count('arrived')
      return true
    }
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback: receive } }, () => {
      protocol.start(send)
      if (initial === 0) count('ready')
    })
    const send = (bytes: Buffer | string): void => void socket.write(bytes)
  }
}

if (import.meta.main) follow(JSON.parse(process.argv[2] as string) as SubscribersTask)
