import { type Command, InvalidArgumentError } from 'commander'
import { readInstant } from '../../schemas/instant.ts'
import { usageError } from './errors.ts'

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
