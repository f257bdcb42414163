import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { RunningHark } from '../support/running-hark.ts'
import { overEvents } from '../support/subscription-client.ts'
import { MARK, type Transport } from './clients/subscriber-protocols.ts'
import type { Figure } from './figure.ts'
import { applyListeners, cpuSeconds } from './process.ts'
import type { BareWriterTask } from './processes/bare-writer-process.ts'
import type { QueriesResult, QueriesTask } from './processes/queries-process.ts'
import type { SubscribersNews, SubscribersTask } from './processes/subscribers-process.ts'
import { inParallel, inScratch, percentile } from './scratch.ts'
import { updateRoutingKey } from './steady-rate.ts'

const SUBSCRIBERS = 1_000
const CHANGES = 1_000
const CALLERS = 64
const LISTENERS = 500
const WATCHED = { namespace: 'bench-0', name: 'service-0' }

const SUBSCRIPTION = `subscription ($namespace: String!, $name: String!) {
  listener(namespace: $namespace, name: $name) {
    ${MARK}: position type
    listener {
      metadata { name namespace generation resourceVersion }
      spec { routingKey host port }
      status { status message hasMatchingConnector conditions { type status reason message } }
    }
  }
}`
const QUERY = '{ listener(namespace: "bench-0", name: "service-1") { spec { host port } status { status message } } }'

const forked = (name: string, task?: object): ChildProcess =>
  fork(join(import.meta.dirname, `processes/${name}-process.ts`), task === undefined ? [] : [JSON.stringify(task)])

/** The next message of a process. */
const messageOf = async <T>(child: ChildProcess): Promise<T> => {
  const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process exited with ${code}`)))
  const [message] = await Promise.race([once(child, 'message'), exit])
  return message as T
}

const expect = async (child: ChildProcess, news: SubscribersNews): Promise<void> => {
  const received = await messageOf<SubscribersNews>(child)
  if (received !== news) throw new Error(`subscribers are ${received}, not ${news}`)
}

/** Seconds of the processor that a server takes for changes until all subscribers have them. */
const cpuOfChanges = async (
  task: Pick<SubscribersTask, 'transport' | 'url' | 'initial'>,
  pid: number,
  change: () => Promise<void>,
): Promise<{ readonly cpu: number; readonly seconds: number }> => {
  const operation = JSON.stringify({ query: SUBSCRIPTION, variables: WATCHED })
  const subscribers = forked('subscribers', { ...task, operation, subscribers: SUBSCRIBERS, changes: CHANGES })
  try {
    await expect(subscribers, 'ready')
    const before = await cpuSeconds(pid)
    const begin = performance.now()
    await Promise.all([change(), expect(subscribers, 'arrived')])
    return { cpu: (await cpuSeconds(pid)) - before, seconds: (performance.now() - begin) / 1000 }
  } finally {
    subscribers.kill()
  }
}

/** Serializes each change once and writes it to every socket. */
const bareWriter = async (result: object) => {
  const writer = forked('bare-writer')
  try {
    const port = await messageOf<number>(writer)
    const task = { transport: 'bare', url: `http://127.0.0.1:${port}`, initial: 0 } as const
    return await cpuOfChanges(task, writer.pid as number, async () => {
      writer.send({ changes: CHANGES, result } satisfies BareWriterTask)
    })
  } finally {
    writer.kill()
  }
}

let commands = 0

const measureHark = async (hark: RunningHark, transport: Transport) => {
  const task: QueriesTask = { url: `${hark.url}/graphql`, operation: JSON.stringify({ query: QUERY }) }
  let queries: ChildProcess | undefined
  try {
    const cost = await cpuOfChanges({ transport, url: hark.url, initial: 1 }, hark.pid, async () => {
      queries = forked('queries', task)
      await inParallel(CALLERS, CHANGES, index => updateRoutingKey(hark, WATCHED, commands + index))
      commands += CHANGES
    })
    queries?.send('stop')
    return { ...cost, times: await messageOf<QueriesResult>(queries as ChildProcess) }
  } finally {
    queries?.kill()
  }
}

const figuresOf = async (hark: RunningHark, transport: Transport, result: object): Promise<Figure[]> => {
  const { cpu, times } = await measureHark(hark, transport)
  const bare = await bareWriter(result)
  const by = `by ${transport}`
  return [
    {
      name: `processor time of 1,000 changes to 1,000 subscribers ${by}`,
      unit: 's',
      value: cpu,
      against: { name: 'serializing each once and writing it to 1,000 sockets', value: bare.cpu },
      bar: { at: 'most', of: 1.5 },
    },
    {
      name: `a query of another client meanwhile, ${by}, p99`,
      unit: 'ms',
      value: percentile(times, 0.99),
      bar: { at: 'most', of: 100 },
    },
    {
      name: `a query of another client meanwhile, ${by}, longest`,
      unit: 'ms',
      value: Math.max(...times),
      bar: { at: 'most', of: 100 },
    },
  ]
}

/** Changes of a listener to many subscribers with the same document and variables. */
export const subscribers = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await using hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    await applyListeners(hark, LISTENERS)
    const watch = await overEvents(hark.url, SUBSCRIPTION, WATCHED)
    const result = (await watch.next()) as object
    watch.disconnect()
    const figures: Figure[] = []
    for (const transport of ['WebSocket', 'server-sent events'] as const)
      figures.push(...(await figuresOf(hark, transport, result)))
    return figures
  })
