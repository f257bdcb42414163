import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

/** A workload that sends a word to each client. */
export const workload = async (word: string): Promise<{ readonly port: number } & AsyncDisposable> => {
  const server = net.createServer(socket => socket.on('error', () => undefined).end(word))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

/** Empty if the connection is refused or reset. */
export const wordFrom = (port: number): Promise<string> =>
  new Promise(resolve => {
    let word = ''
    const client = net.connect({ host: '127.0.0.1', port })
    client.on('data', data => {
      word += data
    })
    client.on('error', () => undefined)
    client.on('close', () => resolve(word))
  })
