import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [name = '', port] = process.argv.slice(2)

process.title = name
// Also when its parent was killed.
process.on('disconnect', () => process.exit())

const server = createServer((_, response) => response.end('This is another program'))
server.listen({ host: '127.0.0.1', port: Number(port), exclusive: true }, () =>
  process.send?.((server.address() as AddressInfo).port),
)
