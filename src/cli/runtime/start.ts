import type { ServingHark, StartOptions } from '../../app.ts'
import type { Settings } from '../../config/load.ts'
import { CliError, usageError } from '../errors.ts'
import { io } from '../io.ts'
import { redact } from './redact.ts'

/** Blocked ports of the Fetch standard. */
export const REFUSED_PORTS: readonly number[] = [
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]

export const isRefusedByClients = (port: number): boolean => REFUSED_PORTS.includes(port)

export const settingsFrom = async (flags: object, env: NodeJS.ProcessEnv): Promise<Settings> => {
  const { loadSettings, InvalidSettings } = await import('../../config/load.ts')
  try {
    return loadSettings({ ...flags }, env)
  } catch (error) {
    throw error instanceof InvalidSettings ? usageError(error.lines.map(redact)) : error
  }
}

const reasonNotToStart = ({ code, syscall, message }: NodeJS.ErrnoException, { host, port }: Settings): string => {
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return message
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use: stop the program that listens there, or choose another with --port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose another with --host`
    case 'EACCES':
      return `permission denied for port ${port} on ${host}: choose another with --port`
    default:
      return message
  }
}

export const start = async (settings: Settings, options: StartOptions = {}): Promise<ServingHark> => {
  const { pino } = await import('pino')
  const { createLogger } = await import('./logger.ts')
  const { stderr } = io()
  const isProcess = stderr === process.stderr
  const destination = isProcess ? pino.destination({ dest: process.stderr.fd, sync: true }) : stderr
  const logger = createLogger(settings, destination)
  if (isRefusedByClients(settings.port))
    logger.warn({ port: settings.port }, 'browsers and other HTTP clients refuse this port: choose another')
  const { startHark } = await import('../../app.ts')
  const { InvalidSettings } = await import('../../config/load.ts')
  return startHark(settings, logger, options).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof InvalidSettings) throw usageError(error.lines.map(redact))
    throw new CliError(redact(reasonNotToStart(error, settings)), undefined, error)
  })
}
