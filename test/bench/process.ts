import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { formatPosition } from '../../schemas/events/recorded-event.ts'
import { RunningHark } from '../support/running-hark.ts'
import { alternately, inParallel, inScratch } from './scratch.ts'
import { atRate, type Subject, updateRoutingKey } from './steady-rate.ts'

const STARTS = 5

const startToReady = async (folder: string): Promise<number> => {
  const begin = performance.now()
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  const ms = performance.now() - begin
  await hark.stop()
  return ms
}

/** Milliseconds until `hark serve` is ready, on a data folder and on one that had nothing: medians of starts in turns. */
export const timesToReady = (folder: string): Promise<[number, number]> =>
  inScratch(empty =>
    alternately(
      STARTS,
      () => startToReady(folder),
      () => startToReady(empty),
    ),
  )

const CREATE = 'mutation ($manifests: [JSON!]!) { apply(input: { manifests: $manifests }) { results { action } } }'
const MANIFESTS_A_REQUEST = 500

const subjectAt = (listener: number): Subject => ({
  namespace: `bench-${Math.floor(listener / MANIFESTS_A_REQUEST)}`,
  name: `service-${listener}`,
})

export const applyListeners = (hark: RunningHark, listeners: number): Promise<void> =>
  inParallel(4, listeners / MANIFESTS_A_REQUEST, async request => {
    const manifests = Array.from({ length: MANIFESTS_A_REQUEST }, (_, index) => {
      const metadata = subjectAt(request * MANIFESTS_A_REQUEST + index)
      return {
        apiVersion: 'skupper.io/v2alpha1',
        kind: 'Listener',
        metadata,
        spec: { routingKey: metadata.name, host: metadata.name, port: 8080 },
      }
    })
    const { errors } = await hark.graphql(CREATE, { manifests })
    if (errors) throw new Error(JSON.stringify(errors))
  })

/** Resident memory of a process, and its peak since the last call, in megabytes. */
export const memoryOf = async (pid: number): Promise<{ readonly now: number; readonly most: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

/** CPU seconds of a process, from Linux's clock of 100 ticks a second. */
export const cpuSeconds = async (pid: number): Promise<number> => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const POLL_MS = 20

const hasHistory = async (hark: RunningHark): Promise<boolean> => {
  const { errors } = await hark.graphql(`{ sites(at: { position: "${formatPosition(1)}" }) { __typename } }`)
  if (errors === undefined) return true
  if (errors.every(({ extensions }) => extensions?.code === 'UNAVAILABLE')) return false
  throw new Error(JSON.stringify(errors))
}

/** Resolves when the read models have their history and the whole log is signed, so that an engine has no more work. */
export const atRest = async (hark: RunningHark): Promise<void> => {
  await hark.ready()
  while (!(await hasHistory(hark))) await pause(POLL_MS)
  while ((await hark.metric('hark_signing')) !== 1) await pause(POLL_MS)
}

/** Starts an engine once, which projects and signs what is new in the log, and ends it. */
export const signWholeLog = async (folder: string): Promise<void> => {
  await using hark = await RunningHark.start(['--data', folder])
  await atRest(hark)
  await hark.stop()
}

/** Resident megabytes of a `hark serve` with this many listeners. */
export const memoryWith = async (folder: string, listeners: number): Promise<number> => {
  await using hark = await RunningHark.start(['--data', folder])
  await hark.ready()
  await applyListeners(hark, listeners)
  return (await memoryOf(hark.pid)).now
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
  const before = (await memoryOf(hark.pid)).now
  const rate = { perSecond, isDone: (started: number) => started >= seconds * perSecond }
  await atRate(rate, index => updateRoutingKey(hark, subjectAt(index % listeners), index))
  return { before, after: (await memoryOf(hark.pid)).now }
}
