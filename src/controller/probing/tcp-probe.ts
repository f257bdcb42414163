import net from 'node:net'
import tls from 'node:tls'
import { type Clock, systemClock, type Timer } from '../../lib/clock.ts'

/** `inconclusive`: other clients may reach the listener. */
export interface ProbeResult {
  readonly outcome: 'reached' | 'notReached' | 'inconclusive'
  readonly message: string
}

interface TcpProbe {
  readonly host: string
  readonly port: number
  /** A router connects to the workload after the TLS handshake. */
  readonly isTls: boolean
}

export interface ProbeTimes {
  readonly connectMs: number
  /** A router without a workload closes earlier. */
  readonly settleMs: number
  readonly answerMs: number
}

export const PROBE_TIMES: ProbeTimes = { connectMs: 3000, settleMs: 1000, answerMs: 1500 }

const REACHED: ProbeResult = { outcome: 'reached', message: 'OK' }
const notReached = (message: string): ProbeResult => ({ outcome: 'notReached', message })

const LOCAL_FAILURES = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
])

const causesOf = (error: Error): readonly NodeJS.ErrnoException[] =>
  error instanceof AggregateError ? error.errors : [error]

const ofFailure = (error: Error): ProbeResult => {
  const causes = causesOf(error)
  const outcome = causes.every(({ code }) => LOCAL_FAILURES.has(code ?? '')) ? 'inconclusive' : 'notReached'
  return { outcome, message: [...new Set(causes.map(({ message }) => message))].join('; ') }
}

interface ProbeOptions {
  readonly signal: AbortSignal
  readonly clock?: Clock
  readonly times?: ProbeTimes
}

type Stage = 'connecting' | 'settling' | 'closing'

/**
 * Sends nothing and closes its side. A router accepts connections without a workload and closes them, or leaves them open if it
 * cannot look up the workload's host: only bytes or a response to the half-close show a workload.
 */
export const probeTcp = (
  { host, port, isTls }: TcpProbe,
  { signal, clock = systemClock, times = PROBE_TIMES }: ProbeOptions,
): Promise<ProbeResult> => {
  signal.throwIfAborted()
  const endpoint = `${host}:${port}`
  const { promise, resolve, reject } = Promise.withResolvers<ProbeResult>()
  const socket = net.connect({ host, port, allowHalfOpen: true })
  let connection: net.Socket = socket
  let stage: Stage = 'connecting'
  let timer: Timer | undefined

  const onAbort = () => reject(signal.reason)
  const after = (ms: number, work: () => void) => {
    timer?.cancel()
    timer = clock.setTimeout(work, ms)
  }
  const ended = () => {
    if (stage === 'closing') resolve(REACHED)
    else if (stage === 'settling') {
      resolve(notReached(`${endpoint} closed the connection immediately: no workload accepted it`))
    } else resolve(notReached(`${endpoint} closed the connection during the TLS handshake`))
  }
  const failed = (error: NodeJS.ErrnoException) => {
    if (stage !== 'connecting') resolve(notReached(`${endpoint} broke the connection: ${error.code ?? error.message}`))
    else if (connection === socket) resolve(ofFailure(error))
    else resolve(notReached(`The TLS handshake with ${endpoint} failed: ${error.code ?? error.message}`))
  }
  const closeOwnSide = () => {
    stage = 'closing'
    connection.end()
    const silence = `${endpoint} accepted the connection, and no workload responded`
    after(times.answerMs, () => resolve(notReached(silence)))
  }
  const opened = () => {
    stage = 'settling'
    after(times.settleMs, closeOwnSide)
  }
  const listenTo = (peer: net.Socket) => {
    peer
      .on('data', () => resolve(REACHED))
      .on('end', ended)
      .on('close', ended)
      .on('error', failed)
  }

  signal.addEventListener('abort', onAbort, { once: true })
  after(times.connectMs, () => resolve(notReached(`${endpoint} has not accepted the connection in time`)))
  socket.once('connect', () => {
    if (!isTls) return opened()
    // Clients verify the certificate; the probe does not.
    connection = tls.connect({ socket, rejectUnauthorized: false })
    connection.once('secureConnect', opened)
    listenTo(connection)
  })
  if (isTls) socket.on('error', failed)
  else listenTo(socket)

  return promise.finally(() => {
    timer?.cancel()
    signal.removeEventListener('abort', onAbort)
    // A router notices the end of a half-closed connection only by a reset.
    if (socket.connecting || socket.destroyed) socket.destroy()
    else socket.resetAndDestroy()
    connection.destroy()
  })
}
