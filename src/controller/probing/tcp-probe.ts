import net from 'node:net'
import tls from 'node:tls'
import { type Clock, systemClock, type Timer } from '../../lib/clock.ts'

/** What a probe found: `inconclusive` where it could not be made from here, which says nothing of clients elsewhere. */
export interface Finding {
  readonly found: 'reached' | 'notReached' | 'inconclusive'
  /** For people; the same words for the same finding. */
  readonly message: string
}

export interface TcpProbe {
  readonly host: string
  readonly port: number
  /** Whether the listener speaks TLS: before the handshake a router connects to nothing. */
  readonly isTls: boolean
}

export interface ProbeTimes {
  /** For the connection, and the handshake where there is one. */
  readonly connectMs: number
  /** A router that finds nothing behind a listener closes the connection well within this time. */
  readonly settleMs: number
  /** For whatever is behind the listener to answer that the probe has nothing more to say. */
  readonly answerMs: number
}

export const PROBE_TIMES: ProbeTimes = { connectMs: 3000, settleMs: 1000, answerMs: 1500 }

const REACHED: Finding = { found: 'reached', message: 'OK' }
const notReached = (message: string): Finding => ({ found: 'notReached', message })

/** Failures of the machine, or of the way, that Hark is on. */
const OWN_FAILURES = new Set([
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

const ofFailure = (error: Error): Finding => {
  const causes = causesOf(error)
  const found = causes.every(({ code }) => OWN_FAILURES.has(code ?? '')) ? 'inconclusive' : 'notReached'
  return { found, message: [...new Set(causes.map(({ message }) => message))].join('; ') }
}

export interface ProbeOptions {
  /** Ends the probe: it rejects with the signal's reason. */
  readonly signal: AbortSignal
  readonly clock?: Clock
  readonly times?: ProbeTimes
}

type Stage = 'connecting' | 'settling' | 'asking'

/**
 * Connects as a client would, says nothing, and then ends its side. A router takes connections whatever is behind it, and
 * closes them where it finds nothing there, or leaves them open where it cannot even try; so a listener counts as reached
 * only when something answers: by sending bytes, or by ending its side as well.
 */
export const probeTcp = (
  { host, port, isTls }: TcpProbe,
  { signal, clock = systemClock, times = PROBE_TIMES }: ProbeOptions,
): Promise<Finding> => {
  signal.throwIfAborted()
  const place = `${host}:${port}`
  const { promise, resolve, reject } = Promise.withResolvers<Finding>()
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
    if (stage === 'asking') resolve(REACHED)
    else if (stage === 'settling') {
      resolve(notReached(`${place} closed the connection at once: nothing beyond the router took it`))
    } else resolve(notReached(`${place} closed the connection before the TLS handshake was over`))
  }
  const failed = (error: NodeJS.ErrnoException) => {
    if (stage !== 'connecting') resolve(notReached(`${place} broke the connection: ${error.code ?? error.message}`))
    else if (connection === socket) resolve(ofFailure(error))
    else resolve(notReached(`The TLS handshake with ${place} failed: ${error.code ?? error.message}`))
  }
  const ask = () => {
    stage = 'asking'
    connection.end()
    const silence = `${place} took the connection, and nothing beyond the router answered`
    after(times.answerMs, () => resolve(notReached(silence)))
  }
  const opened = () => {
    stage = 'settling'
    after(times.settleMs, ask)
  }
  const hear = (heard: net.Socket) => {
    heard
      .on('data', () => resolve(REACHED))
      .on('end', ended)
      .on('close', ended)
      .on('error', failed)
  }

  signal.addEventListener('abort', onAbort, { once: true })
  after(times.connectMs, () => resolve(notReached(`${place} has not taken the connection in time`)))
  socket.once('connect', () => {
    if (!isTls) return opened()
    // Whom it speaks to is for clients to judge.
    connection = tls.connect({ socket, rejectUnauthorized: false })
    connection.once('secureConnect', opened)
    hear(connection)
  })
  if (isTls) socket.on('error', failed)
  else hear(socket)

  return promise.finally(() => {
    timer?.cancel()
    signal.removeEventListener('abort', onAbort)
    // A router does not notice that a connection which was ended on one side is gone, unless it is reset.
    if (socket.connecting || socket.destroyed) socket.destroy()
    else socket.resetAndDestroy()
    connection.destroy()
  })
}
