import { type Command, InvalidArgumentError } from 'commander'

/** A moment as the API takes it. */
export type Moment = { readonly time: string } | { readonly position: string }

export interface AtOption {
  readonly at?: Moment
}

/** `2026-11-22T18:20:17.552Z`, or a position as events have it. */
export const moment = (text: string): Moment => {
  if (/^\d{1,20}$/.test(text)) return { position: text }
  if (/^\d{4}-\d{2}-\d{2}([T ]|$)/.test(text) && !Number.isNaN(Date.parse(text))) {
    return { time: new Date(text).toISOString() }
  }
  throw new InvalidArgumentError('It is to be a time such as 2026-11-22T18:20:17Z, or the position of an event.')
}

const MOMENT = 'a time (2026-11-22T18:20:17Z) or the position of an event'

/** Adds `--at`. */
export const withAt = (command: Command, description: string): Command =>
  command.option('--at <moment>', `${description}: ${MOMENT}`, moment)

export interface WindowOptions {
  readonly from?: Moment
  readonly to?: Moment
}

/** Adds `--from` and `--to`. */
export const withWindow = (command: Command): Command =>
  command
    .option('--from <moment>', `begin then: ${MOMENT}`, moment)
    .option('--to <moment>', `end then: ${MOMENT}`, moment)
