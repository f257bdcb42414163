import { readdir, readFile, readlink } from 'node:fs/promises'

const LISTEN = '0A'

const socketsListening = async (port: number): Promise<Set<string>> => {
  const address = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'utf8')))
  const rows = tables.flatMap(table => table.split('\n').map(row => row.trim().split(/\s+/)))
  return new Set(
    rows
      .filter(([, local, , state]) => local?.endsWith(address) && state === LISTEN)
      .map(([, , , , , , , , , inode]) => `socket:[${inode}]`),
  )
}

const openFiles = async (pid: number): Promise<(string | undefined)[]> => {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  return Promise.all(descriptors.map(descriptor => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => undefined)))
}

/** The id of the process of this machine that listens at a URL; undefined if there is none to be seen. */
export const processListeningAt = async (url: string): Promise<number | undefined> => {
  const { hostname, port } = new URL(url)
  if (!/^(127\.|localhost$|\[::1\]$)/.test(hostname)) return undefined
  const sockets = await socketsListening(Number(port))
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger))
    if ((await openFiles(pid)).some(file => file !== undefined && sockets.has(file))) return pid
  return undefined
}
