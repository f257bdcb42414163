import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { DomainEvent } from '../../schemas/events/events.ts'
import { listenerStream } from '../../schemas/events/streams.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { NO_STREAM } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { LAUNCHER } from '../cli/hark.ts'
import { RunningHark } from '../support/running-hark.ts'
import { eventFile } from './engine.ts'
import type { Figure } from './figure.ts'
import { inScratch } from './scratch.ts'

const LISTENERS = 1_000
const EVENTS = 1_000_000
/** Events of one listener. */
const LIFE = EVENTS / LISTENERS
const AN_APPEND = 500
const NAMESPACE = 'bench'
const PRINT_PEAK_MEMORY = fileURLToPath(new URL('print-peak-memory.ts', import.meta.url))

const eventAt = (index: number, subject: { namespace: string; name: string; uid: string }): DomainEvent => {
  const { name } = subject
  if (index === 0) {
    const settings = { observer: 'auto' as const }
    const spec = { routingKey: name, host: name, port: 8080, type: 'tcp', exposePodsByName: false, settings }
    return { type: 'ListenerCreated', data: { ...subject, spec } }
  }
  const [port, previous] = [8080 + (index % 50), 8080 + ((index - 1) % 50)]
  return { type: 'PortUpdated', data: { ...subject, generation: index + 1, port, previous } }
}

/** Appends the events of listeners' lives directly: commands are not measured here. */
const fill = async (store: EventStore): Promise<void> => {
  for (let from = 0; from < LIFE; from += AN_APPEND) {
    for (let listener = 0; listener < LISTENERS; listener += 1) {
      const subject = { namespace: NAMESPACE, name: `listener-${listener}`, uid: randomUUID() }
      const metadata = { schemaVersion: 1, actor: `actor-${listener % 50}`, correlationId: randomUUID() }
      const events = Array.from({ length: AN_APPEND }, (_, index) => ({
        id: randomUUID(),
        ...eventAt(from + index, subject),
        metadata,
      }))
      await store.append(listenerStream(NAMESPACE, subject.name), from === 0 ? NO_STREAM : from - 1, events)
    }
  }
}

interface Reported {
  /** Peak resident memory of the command, in megabytes. */
  readonly memory: number
  readonly seconds: number
  readonly lines: number
}

const report = async (url: string): Promise<Reported> => {
  const begin = performance.now()
  const args = ['--import', PRINT_PEAK_MEMORY, LAUNCHER, 'audit', 'report', '--server', url, '-o', 'csv']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let lines = 0
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 0x0a) lines += 1
  })
  const [output, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  const most = /^most resident: (\d+) kB$/m.exec(output)?.[1]
  if (status !== 0 || most === undefined) throw new Error(output)
  return { memory: Number(most) / 1024, seconds: (performance.now() - begin) / 1000, lines: lines - 1 }
}

/** Resident memory of a process, and its peak since the last reading, in megabytes. */
const residentOf = async (pid: number): Promise<{ now: number; most: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

/** An audit report over a million events, as CSV. */
export const auditReport = (): Promise<Figure[]> =>
  inScratch(async folder => {
    const store = openSqliteEventStore({ file: eventFile(folder) })
    await fill(store)
    await store.close()
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    const before = await residentOf(hark.pid)
    const { memory, seconds, lines } = await report(hark.url)
    if (lines < EVENTS) throw new Error(`${lines} entries were reported of ${EVENTS}`)
    const during = await residentOf(hark.pid)
    return [
      {
        name: 'resident memory of hark audit report -o csv over 1,000,000 events',
        unit: 'MB',
        value: memory,
        bar: { at: 'most', of: 200 },
      },
      {
        name: 'memory that the engine takes beyond what it had, meanwhile',
        unit: 'MB',
        value: Math.max(0, during.most - before.now),
        bar: { at: 'most', of: 200 },
      },
      { name: 'the report, from start to end', unit: 's', value: seconds, bar: { at: 'most', of: 300 } },
    ]
  })
