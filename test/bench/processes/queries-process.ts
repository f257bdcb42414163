import { setTimeout as pause } from 'node:timers/promises'
import { HttpConnection } from '../clients/http-connection.ts'

/** Another client, which sends one query after the other until it receives a message; it then sends what they took. */
export interface QueriesTask {
  readonly url: string
  readonly operation: string
}

/** Milliseconds of each query. */
export type QueriesResult = readonly number[]

const PAUSE_MS = 20
/** Clients without tokens are told apart by their addresses. */
const ANOTHER_ADDRESS = '127.0.0.2'

const query = async ({ url, operation }: QueriesTask): Promise<void> => {
  const connection = new HttpConnection(url, { localAddress: ANOTHER_ADDRESS })
  const times: number[] = []
  let isOver = false
  process.once('message', () => {
    isOver = true
  })
  while (!isOver) {
    const begin = performance.now()
    await connection.post(operation)
    times.push(performance.now() - begin)
    await pause(PAUSE_MS)
  }
  connection.close()
  process.send?.(times satisfies QueriesResult)
  process.disconnect()
}

if (import.meta.main) await query(JSON.parse(process.argv[2] as string) as QueriesTask)
