import { lookup } from 'node:dns/promises'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isLoopback } from '../probing/probe-target.ts'
import { canonicalAddress, conflicting, listeningSockets } from './listening-sockets.ts'
import type { FindPortHolder, PortHolder } from './port-holder.ts'

const ROUTER_PROCESS = 'skrouterd'
const SOCKET = /^socket:\[(\d+)\]$/

type Endpoint = Parameters<FindPortHolder>[0]

const sockets = async (proc: string) => {
  const tables = ['net/tcp', 'net/tcp6'].map(table => readFile(join(proc, table), 'utf8').catch(() => ''))
  return (await Promise.all(tables)).flatMap(listeningSockets)
}

const addressesOf = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => canonicalAddress(address))

/** Other users' processes cannot be read without privileges, and a process may end meanwhile. */
const orEmpty = <T>(reading: Promise<T[]>): Promise<T[]> => reading.catch(() => [])

const ownersOf = async (
  proc: string,
  inodes: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> => {
  const owners = new Map<string, number>()
  for (const pid of await orEmpty(readdir(proc))) {
    if (!/^\d+$/.test(pid)) continue
    const folder = join(proc, pid, 'fd')
    for (const fd of await orEmpty(readdir(folder))) {
      signal.throwIfAborted()
      const inode = SOCKET.exec(await readlink(join(folder, fd)).catch(() => ''))?.[1]
      if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, Number(pid))
    }
    if (owners.size === inodes.size) break
  }
  return owners
}

const processOf = async (proc: string, pid: number): Promise<PortHolder> => ({
  pid,
  name: (await readFile(join(proc, String(pid), 'comm'), 'utf8')).trim(),
})

/**
 * Searches /proc. The process that listens on a port forwarded to a router elsewhere is no router.
 *
 * @returns undefined on other systems, and for a router that is not reached over loopback
 */
export const findHolderBeside = (router: Endpoint, proc = '/proc'): FindPortHolder | undefined => {
  if (process.platform !== 'linux' || !isLoopback(router.host)) return undefined
  return async (endpoint, signal) => {
    const [listening, own, taken] = await Promise.all([
      sockets(proc),
      addressesOf(router.host),
      addressesOf(endpoint.host),
    ])
    const routerInodes = conflicting(listening, own, router.port)
    const inodes = conflicting(listening, taken, endpoint.port)
    const owners = await ownersOf(proc, new Set([...routerInodes, ...inodes]), signal)
    const ownerOf = (candidates: readonly string[]) => candidates.map(inode => owners.get(inode)).find(pid => pid)
    const [routerPid, pid] = [ownerOf(routerInodes), ownerOf(inodes)]
    if (routerPid === undefined || pid === undefined) return undefined
    return (await processOf(proc, routerPid)).name === ROUTER_PROCESS ? processOf(proc, pid) : undefined
  }
}
