interface ListeningSocket {
  /** IPv4 for an IPv4 address that is mapped into IPv6. */
  readonly address: string
  readonly port: number
  readonly inode: string
}

const LISTEN = '0A'
const MAPPED = /^0{20}ffff/
const ANY = new Set(['0.0.0.0', '::'])

/** IPv6 in the form that URLs have. */
export const canonicalAddress = (address: string): string =>
  address.includes(':') ? new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1) : address

/** The kernel writes words of 32 bits as numbers of the machine: this reads those of little-endian machines. */
const addressOf = (hex: string): string => {
  const bytes = (hex.match(/.{8}/g) ?? []).map(word => word.match(/../g)?.reverse().join('')).join('')
  const ip4 = bytes.length === 8 ? bytes : MAPPED.test(bytes.toLowerCase()) ? bytes.slice(24) : undefined
  if (ip4 !== undefined) return [...Buffer.from(ip4, 'hex')].join('.')
  return canonicalAddress((bytes.match(/.{4}/g) ?? []).join(':'))
}

export const listeningSockets = (table: string): ListeningSocket[] =>
  table
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
      const [address, port] = local.split(':')
      if (state !== LISTEN || address === undefined || port === undefined || inode === undefined) return []
      return [{ address: addressOf(address), port: Number.parseInt(port, 16), inode }]
    })

/**
 * The inodes of sockets that keep another from listening, those on exactly one of the addresses first.
 *
 * @param addresses canonical
 */
export const conflicting = (
  sockets: readonly ListeningSocket[],
  addresses: readonly string[],
  port: number,
): readonly string[] => {
  const onPort = sockets.filter(socket => socket.port === port)
  const exact = onPort.filter(({ address }) => addresses.includes(address))
  const isAny = addresses.some(address => ANY.has(address))
  const others = onPort.filter(socket => !exact.includes(socket) && (isAny || ANY.has(socket.address)))
  return [...exact, ...others].map(({ inode }) => inode)
}
