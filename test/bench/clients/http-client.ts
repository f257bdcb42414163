import { Agent, type IncomingMessage, request } from 'node:http'
import { percentile } from '../scratch.ts'
import { commandAt } from '../workload.ts'
import { HttpConnection } from './http-connection.ts'

/** The task of a client process; it prints the result as JSON. */
export interface ClientTask {
  readonly url: string
  readonly measure: 'rate' | 'answer' | 'arrival'
  readonly connections: number
  readonly count: number
  readonly listeners: number
  /** The index of the first command. */
  readonly first: number
  readonly set?: string
  /** Its token, if authentication is required. */
  readonly token?: string
}

export interface ClientResult {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds from a request to its response or, for `arrival`, to its change. */
  readonly p50: number
  readonly p99: number
}

const FIELDS =
  'listener { metadata { uid generation resourceVersion } spec { routingKey host port } status { status } } position'
const MUTATIONS = {
  CreateListener: `mutation ($input: CreateListenerInput!) { createListener(input: $input) { ${FIELDS} } }`,
  UpdatePort: `mutation ($input: UpdatePortInput!) { updatePort(input: $input) { ${FIELDS} } }`,
  UpdateRoutingKey: `mutation ($input: UpdateRoutingKeyInput!) { updateRoutingKey(input: $input) { ${FIELDS} } }`,
}

const bodyOf = ({ listeners, set }: ClientTask, index: number): string => {
  const { type, ...command } = commandAt(listeners, index, set)
  if (type === 'CreateListener' && 'spec' in command) {
    const { routingKey, host, port } = command.spec
    return JSON.stringify({
      query: MUTATIONS.CreateListener,
      variables: { input: { ...command, spec: { routingKey, host, port } } },
    })
  }
  return JSON.stringify({ query: MUTATIONS[type as keyof typeof MUTATIONS], variables: { input: command } })
}

/** Calls back at every event of a subscription to all listeners; resolves after the initial state. */
const subscribe = async (url: string, onEvent: () => void): Promise<() => void> => {
  const body = JSON.stringify({ query: 'subscription { listeners { position } }' })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    const sent = request(url, { method: 'POST', agent: new Agent(), headers }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    for (let at = chunk.indexOf('event: next'); at !== -1; at = chunk.indexOf('event: next', at + 1)) onEvent()
  })
  return () => response.destroy()
}

const measureRate = async (task: ClientTask): Promise<ClientResult> => {
  const { url, token, connections, count, first } = task
  const times: number[] = []
  let next = 0
  const call = async (): Promise<void> => {
    const connection = new HttpConnection(url, { ...(token && { token }) })
    while (next < count) {
      const body = bodyOf(task, first + next++)
      const begin = performance.now()
      await connection.post(body)
      times.push(performance.now() - begin)
    }
    connection.close()
  }
  const begin = performance.now()
  await Promise.all(Array.from({ length: connections }, call))
  const rate = (count / (performance.now() - begin)) * 1000
  return { rate, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

const measureArrival = async (task: ClientTask): Promise<ClientResult> => {
  const { url, count, first } = task
  const connection = new HttpConnection(url)
  let arrived = Promise.withResolvers<void>()
  const leave = await subscribe(url, () => arrived.resolve())
  // The initial state is no change.
  let quiet = false
  while (!quiet) {
    arrived = Promise.withResolvers()
    quiet = await Promise.race([
      arrived.promise.then(() => false),
      new Promise<true>(resolve => setTimeout(resolve, 500, true)),
    ])
  }
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const body = bodyOf(task, first + index)
    arrived = Promise.withResolvers()
    const begin = performance.now()
    const answered = connection.post(body)
    await arrived.promise
    times.push(performance.now() - begin)
    await answered
  }
  leave()
  connection.close()
  const total = times.reduce((sum, time) => sum + time, 0)
  return { rate: (count / total) * 1000, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2] as string) as ClientTask
  const result = await (task.measure === 'arrival' ? measureArrival(task) : measureRate(task))
  process.stdout.write(JSON.stringify(result))
}
