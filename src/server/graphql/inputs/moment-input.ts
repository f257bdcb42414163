import { badUserInput } from '../../../../schemas/errors.ts'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { readInstant } from '../../../../schemas/instant.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { MomentRequest } from '../../../engine/history/types.ts'
import type { Optional } from './omit-nulls.ts'

/** A moment as GraphQL has it: exactly one of the two is there. */
export interface MomentInput {
  readonly time?: Optional<string>
  readonly position?: Optional<Position>
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** @param path where the moment was given, for whoever gave a wrong one */
export const readMoment = ({ time, position }: MomentInput, path: string): MomentRequest => {
  if (position !== undefined && position !== null) return { position }
  // GraphQL takes whatever stands in the place of a scalar of its schema's own.
  const text = typeof time === 'string' ? time : ''
  if (RFC_3339.test(text) && readInstant(text) !== undefined) return { time: text }
  const message = `${JSON.stringify(time)} is not a time (RFC 3339, such as 2026-11-22T18:20:17.552Z)`
  throw badUserInput([{ path: `${path}.time`, message }])
}

/** Refuses a window that ends before it begins. */
export const mustBeInOrder = (begin: Position | undefined, end: Position | undefined): void => {
  if (begin !== undefined && end !== undefined && begin > end)
    throw badUserInput([{ path: 'to', message: 'lies before from, where the window begins' }])
}

/** After which the events at a moment and later stand. */
export const positionBefore = async (engine: Engine, moment: MomentRequest): Promise<Position> => {
  if (moment.position !== undefined) return moment.position - 1
  const time = new Date(Date.parse(moment.time) - 1).toISOString()
  return (await engine.read.past({ time })).position
}
