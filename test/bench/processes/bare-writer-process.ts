import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** To a process that writes changes to sockets and does nothing else. It first sends its port. */
export interface BareWriterTask {
  readonly changes: number
  /** One result, which each change has in other words. */
  readonly result: object
}

const sockets: Socket[] = []
const server = createServer(socket => void sockets.push(socket))
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))

process.on('message', async ({ changes, result }: BareWriterTask) => {
  for (let change = 0; change < changes; change += 1) {
    const bytes = Buffer.from(JSON.stringify({ ...result, change }))
    for (const socket of sockets) socket.write(bytes)
    await nextTurn()
  }
})
