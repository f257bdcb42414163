import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { RunningHark } from '../support/running-hark.ts'
import { inParallel } from './scratch.ts'

/** Milliseconds until `hark serve` on a data folder is ready: the median of several starts. */
export const timeToReady = async (folder: string, starts: number): Promise<number> => {
  const times: number[] = []
  for (let start = 0; start < starts; start += 1) {
    const begin = performance.now()
    const hark = await RunningHark.start(['--data', folder])
    await hark.ready()
    times.push(performance.now() - begin)
    await hark.stop()
  }
  return times.sort((a, b) => a - b)[Math.floor(starts / 2)] as number
}

const CREATE = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const UPDATE = 'mutation ($input: UpdateRoutingKeyInput!) { updateRoutingKey(input: $input) { position } }'
const MANIFESTS_A_REQUEST = 500
const CONNECTIONS = 16

export const applyListeners = (hark: RunningHark, listeners: number): Promise<void> =>
  inParallel(4, listeners / MANIFESTS_A_REQUEST, async request => {
    const manifests = Array.from({ length: MANIFESTS_A_REQUEST }, (_, index) => {
      const name = `service-${request * MANIFESTS_A_REQUEST + index}`
      const metadata = { name, namespace: `bench-${request}` }
      return {
        apiVersion: 'skupper.io/v2alpha1',
        kind: 'Listener',
        metadata,
        spec: { routingKey: name, host: name, port: 8080 },
      }
    })
    const { errors } = await hark.graphql(CREATE, { manifests })
    if (errors) throw new Error(JSON.stringify(errors))
  })

export const residentMegabytes = async (hark: RunningHark): Promise<number> => {
  const status = await readFile(`/proc/${hark.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** Resident megabytes of a `hark serve` with this many listeners. */
export const memoryWith = async (folder: string, listeners: number): Promise<number> => {
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  await applyListeners(hark, listeners)
  // Awaited: the engine stops at the end of the block.
  return await residentMegabytes(hark)
}

/** Sends updates of these listeners at a steady rate, each as one request; a machine that is too slow gets fewer. */
const updateSteadily = (hark: RunningHark, listeners: number, perSecond: number, seconds: number): Promise<void> => {
  const begin = performance.now()
  return inParallel(CONNECTIONS, perSecond * seconds, async index => {
    const early = begin + (index / perSecond) * 1000 - performance.now()
    if (early > 0) await pause(early)
    const listener = index % listeners
    const namespace = `bench-${Math.floor(listener / MANIFESTS_A_REQUEST)}`
    const input = { namespace, name: `service-${listener}`, routingKey: `key-${index}` }
    const { errors } = await hark.graphql(UPDATE, { input })
    if (errors) throw new Error(JSON.stringify(errors))
  })
}

/** Resident megabytes of a `hark serve` with this many listeners, before and after commands at a steady rate. */
export const memoryUnderCommands = async (
  folder: string,
  listeners: number,
  perSecond: number,
  seconds: number,
): Promise<{ readonly before: number; readonly after: number }> => {
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  await applyListeners(hark, listeners)
  const before = await residentMegabytes(hark)
  await updateSteadily(hark, listeners, perSecond, seconds)
  return { before, after: await residentMegabytes(hark) }
}
