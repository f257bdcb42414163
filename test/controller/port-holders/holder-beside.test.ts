import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { findHolderBeside } from '../../../src/controller/port-holders/linux-processes.ts'
import { conflicting, listeningSockets } from '../../../src/controller/port-holders/listening-sockets.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'

const ROUTER = { host: '127.0.0.1', port: 5672 }
const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

const line = (address: string, port: number, inode: number, state = '0A'): string =>
  `   0: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000  0 ${inode} 1 0 100 0 0 10 0`

const table = (...lines: readonly string[]): string => `${[HEADER, ...lines].join('\n')}\n`

const LOOPBACK = '0100007F'
const ANY = '00000000'
const MAPPED = '0000000000000000FFFF00000100007F'
const ANY_6 = '0'.repeat(32)
const LOOPBACK_6 = `${'0'.repeat(24)}01000000`

interface Process {
  readonly pid: number
  readonly name: string
  readonly inodes: readonly number[]
}

const fakeProc = async (root: string, tcp: string, processes: readonly Process[]): Promise<void> => {
  await mkdir(join(root, 'net'))
  await writeFile(join(root, 'net/tcp'), tcp)
  for (const { pid, name, inodes } of processes) {
    await mkdir(join(root, `${pid}/fd`), { recursive: true })
    await writeFile(join(root, `${pid}/comm`), `${name}\n`)
    await symlink('/dev/null', join(root, `${pid}/fd/0`))
    for (const [index, inode] of inodes.entries())
      await symlink(`socket:[${inode}]`, join(root, `${pid}/fd/${index + 3}`))
  }
}

describe('listeningSockets', () => {
  it('reads addresses of both families, and only listening sockets', () => {
    const text = table(
      line(LOOPBACK, 7070, 11),
      line(LOOPBACK, 7070, 12, '01'),
      line(MAPPED, 1, 13),
      line(ANY_6, 2, 14),
      line(LOOPBACK_6, 3, 15),
    )
    assert.deepEqual(listeningSockets(text), [
      { address: '127.0.0.1', port: 7070, inode: '11' },
      { address: '127.0.0.1', port: 1, inode: '13' },
      { address: '::', port: 2, inode: '14' },
      { address: '::1', port: 3, inode: '15' },
    ])
    assert.deepEqual(listeningSockets(''), [])
  })
})

describe('conflicting', () => {
  const sockets = [
    { address: '0.0.0.0', port: 7070, inode: 'any' },
    { address: '127.0.0.1', port: 7070, inode: 'exact' },
    { address: '127.0.0.2', port: 7070, inode: 'other' },
    { address: '127.0.0.1', port: 7071, inode: 'port' },
  ]

  it('finds sockets on the address, and then on all addresses', () => {
    assert.deepEqual(conflicting(sockets, ['127.0.0.1'], 7070), ['exact', 'any'])
  })

  it('finds sockets on each address for a listener on all addresses', () => {
    assert.deepEqual(conflicting(sockets, ['0.0.0.0'], 7070), ['any', 'exact', 'other'])
  })
})

describe('findHolderBeside', { skip: process.platform === 'linux' ? false : 'needs Linux' }, () => {
  const signal = new AbortController().signal
  const sockets = table(line(ANY, 5672, 21), line(LOOPBACK, 7070, 22))
  const holder = { pid: 4711, name: 'report-server', inodes: [22] }

  it('finds the process that listens on an address beside a router', async () => {
    await using proc = await scratchFolder()
    await fakeProc(proc.path, sockets, [{ pid: 7, name: 'skrouterd', inodes: [21] }, holder])
    const find = findHolderBeside(ROUTER, proc.path)
    assert.deepEqual(await find?.({ host: '127.0.0.1', port: 7070 }, signal), { name: 'report-server', pid: 4711 })
    assert.equal(await find?.({ host: '127.0.0.1', port: 7071 }, signal), undefined)
  })

  it('finds nothing beside a router that is reached through a forwarded port', async () => {
    await using proc = await scratchFolder()
    await fakeProc(proc.path, sockets, [{ pid: 7, name: 'kubectl', inodes: [21] }, holder])
    assert.equal(await findHolderBeside(ROUTER, proc.path)?.({ host: '127.0.0.1', port: 7070 }, signal), undefined)
  })

  it('finds nothing if the processes cannot be read', async () => {
    await using proc = await scratchFolder()
    const find = findHolderBeside(ROUTER, proc.path)
    assert.equal(await find?.({ host: '127.0.0.1', port: 7070 }, signal), undefined)
  })

  it('does not search for a router on another host', () => {
    assert.equal(findHolderBeside({ host: 'router.west', port: 5672 }), undefined)
  })
})
