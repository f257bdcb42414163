import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { readInstant } from '../../schemas/instant.ts'
import { usageError } from './errors.ts'

export const DEFAULT_NAMESPACE = 'default'
const DEFAULT_SERVER = 'http://127.0.0.1:4000'

export interface ServerOption {
  readonly server: URL
  readonly token?: string
}

export interface NamespaceOption {
  readonly namespace: string
}

export const serverUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('must be a URL such as http://127.0.0.1:4000')
  }
  return url
}

export const withServer = (command: Command): Command =>
  command
    .addOption(
      new Option('--server <url>', 'the engine; HARK_TOKEN holds the token if authentication is required')
        .env('HARK_SERVER')
        .default(new URL(DEFAULT_SERVER), DEFAULT_SERVER)
        .argParser(serverUrl),
    )
    .addOption(
      new Option('--context <name>', 'server, namespace and token by their name: see hark config').env('HARK_CONTEXT'),
    )

export const withNamespace = (command: Command, description = 'the namespace'): Command =>
  command.addOption(
    new Option('-n, --namespace <namespace>', description).env('HARK_NAMESPACE').default(DEFAULT_NAMESPACE),
  )

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `90s`, `2m`, `500ms` or `1h30m`, to milliseconds. */
export const duration = (text: string): number => {
  if (!/^(\d+(ms|s|m|h))+$/.test(text)) throw new InvalidArgumentError('must be a duration such as 60s, 2m or 1h')
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS],
    0,
  )
}

const HIGHEST = 65_535

export const port = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > HIGHEST) {
    throw new InvalidArgumentError('must be a port (1–65535)')
  }
  return number
}

export const portArgument = (description: string): Argument => new Argument('<port>', description).argParser(port)

export type Moment = { readonly time: string } | { readonly position: string }

export interface AtOption {
  readonly at?: Moment
}

const UNITS_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const
const AGO = /^((?:\d{1,9} *[wdhms] *)+)(?:ago)?$/
/** The API accepts four digits. */
const LAST_YEAR = 9999

const ago = (text: string, now: number): number | undefined => {
  const found = AGO.exec(text)
  if (found === null) return undefined
  return [...(found[1] as string).matchAll(/(\d+) *([wdhms])/g)].reduce(
    (time, [, count, unit]) => time - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS],
    now,
  )
}

/** Parses `30d` or `1d12h` to milliseconds. */
export const ageInMs = (text: string): number => {
  const time = ago(text.trim(), 0)
  if (time === undefined) throw new InvalidArgumentError('must be an age such as 90d, 12w or 36h')
  return -time
}

/**
 * A position (digits only), a time (`2026-11-22T18:20:17.552Z`, `2026-11-22`; UTC by default) or an age (`30m`, `2d
 * ago`).
 */
export const moment = (text: string, _?: unknown, now = Date.now()): Moment => {
  if (/^\d{1,20}$/.test(text)) return { position: text }
  const instant = readInstant(text) ?? ago(text.trim(), now)
  const time = new Date(instant ?? Number.NaN)
  if (!Number.isNaN(time.getTime()) && time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= LAST_YEAR)
    return { time: time.toISOString() }
  throw new InvalidArgumentError(`${isWritten(text) ? 'there is no such time: ' : ''}must be ${MOMENT}`)
}

const isWritten = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text)

export const MOMENT =
  'a time such as 2026-11-22T18:20:17Z (UTC if there is no zone), how long ago (1h, 30m, 2d), or the position of an event'

export const withAt = (command: Command, description: string): Command =>
  command.option('--at <moment>', `${description}: ${MOMENT}`, moment)

export interface WindowOptions {
  readonly from?: Moment
  readonly to?: Moment
}

export const withWindow = (command: Command): Command =>
  inOrder(
    command
      .option('--from <moment>', `begin of the window: ${MOMENT}`, moment)
      .option('--to <moment>', 'end of the window: likewise', moment),
  )

export const inOrder = (command: Command): Command =>
  command.hook('preAction', () => {
    const { from, to } = command.opts<WindowOptions>()
    if (from !== undefined && to !== undefined && isLater(from, to))
      throw usageError(`--to ${textOf(to)} is before --from ${textOf(from)}`)
  })

const isLater = (one: Moment, other: Moment): boolean => {
  if ('position' in one && 'position' in other) return BigInt(one.position) > BigInt(other.position)
  return 'time' in one && 'time' in other && one.time > other.time
}

const textOf = (one: Moment): string => ('time' in one ? one.time : one.position)

export const examplesText = (examples: readonly string[]): string => `\nExamples:\n  ${examples.join('\n  ')}`

/** `hark create listener …` becomes `hark listener create …`. */
export const examplesOf = (command: Command, examples: readonly string[]): string =>
  examplesText(examples.map(line => line.replace(/^hark \S+ \S+/, `hark ${command.parent?.name()} ${command.name()}`)))

const DEFAULT_WAIT = '60s'

export interface WaitOptions {
  readonly wait?: true
  /** Milliseconds. */
  readonly timeout: number
}

export const withTimeout = (command: Command): Command =>
  command.addOption(
    new Option('--timeout <time>', 'how long to wait')
      .argParser(duration)
      .default(duration(DEFAULT_WAIT), DEFAULT_WAIT),
  )

/** @param until such as `it has been Ready` */
export const withWait = (command: Command, until: string): Command =>
  withTimeout(command.option('--wait', `wait until ${until} (exit status 4 if not in time)`))

export const repeated = (value: string, others: readonly string[] = []): readonly string[] => [...others, value]
