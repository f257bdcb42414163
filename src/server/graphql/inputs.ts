import type { z } from 'zod'
import { type Command, commands } from '../../../schemas/commands.ts'
import { badUserInput } from '../../../schemas/errors.ts'
import type { Position } from '../../../schemas/events/recorded-event.ts'
import { parsePosition } from '../../../schemas/events/recorded-event.ts'
import { readInstant } from '../../../schemas/instant.ts'
import { type Issue, mismatch, toIssues } from '../../../schemas/validation.ts'
import type { Engine } from '../../engine/engine.ts'
import type { MomentRequest } from '../../engine/history/types.ts'
import type { InputMaybe, Moment } from './generated.ts'

const DEFAULT_PAGE_SIZE = 100
export const MAX_PAGE_SIZE = 1000
const MAX_COMMAND_ID_LENGTH = 200
/** No resource has it, so a malformed resourceVersion fails with CONFLICT. */
const NO_POSITION: Position = -1
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

type NonNull<T> = { readonly [Key in keyof T]: Exclude<T[Key], null> }

/** A shallow copy without nulls, which GraphQL accepts for absent arguments. */
export const omitNulls = <T extends object>(input: T): NonNull<T> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as NonNull<T>

interface PageArgs<Cursor> {
  readonly first?: number | undefined
  readonly after?: Cursor | undefined
  readonly last?: number | undefined
  readonly before?: Cursor | undefined
}

const assertPageSize = (path: 'first' | 'last', size: number): void => {
  if (size >= 1 && size <= MAX_PAGE_SIZE) return
  throw badUserInput([{ path, message: `must be a page size (1–${MAX_PAGE_SIZE}), is ${size}` }])
}

export const pageRequest = <Cursor>({ first = DEFAULT_PAGE_SIZE, after, last, before }: PageArgs<Cursor>) => {
  assertPageSize('first', first)
  if (last !== undefined) assertPageSize('last', last)
  return { first, after, last, before }
}

export const assertWithin = (path: string, value: number, most: number): void => {
  if (value < 1 || value > most) throw badUserInput([{ path, message: `must be from 1 to ${most}, is ${value}` }])
}

export const toTime = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const readTime = (time: unknown, path: string): string => {
  const text = typeof time === 'string' ? time : ''
  if (RFC_3339.test(text) && readInstant(text) !== undefined) return text
  const message = `${JSON.stringify(time)} is not a time (RFC 3339, such as 2026-11-22T18:20:17.552Z)`
  throw badUserInput([{ path, message }])
}

export const readMoment = ({ time, position }: Moment, path: string): MomentRequest => {
  if (position !== undefined && position !== null) return { position }
  return { time: readTime(time, `${path}.time`) }
}

export const assertOrdered = (begin: Position | undefined, end: Position | undefined): void => {
  if (begin !== undefined && end !== undefined && begin > end)
    throw badUserInput([{ path: 'to', message: 'must not be before from' }])
}

export const positionBefore = async (engine: Engine, moment: MomentRequest): Promise<Position> => {
  if (moment.position !== undefined) return moment.position - 1
  const time = new Date(Date.parse(moment.time) - 1).toISOString()
  return (await engine.read.past({ time })).position
}

export interface CommandInput {
  readonly namespace: string
  readonly name: string
  readonly spec?: object
  readonly expectedResourceVersion?: InputMaybe<string>
  readonly commandId?: InputMaybe<string>
}

interface CommandRequest<Type extends Command['type']> {
  readonly command: Command & { readonly type: Type }
  readonly commandId?: string | undefined
  readonly expectedResourceVersion?: Position | undefined
}

export const commandIdIssues = (commandId: string | undefined): readonly Issue[] => {
  if (commandId === undefined || (commandId.length >= 1 && commandId.length <= MAX_COMMAND_ID_LENGTH)) return []
  const message = mismatch(commandId, `a command id (1 to ${MAX_COMMAND_ID_LENGTH} characters)`, 'string')
  return [{ path: 'commandId', message }]
}

export const readCommand = <Type extends Command['type']>(type: Type, input: CommandInput): CommandRequest<Type> => {
  const { commandId, expectedResourceVersion, ...body } = omitNulls(input)
  const schema = commands[type] as unknown as z.ZodType<Command & { readonly type: Type }>
  const parsed = schema.safeParse({ type, ...body, ...(body.spec && { spec: omitNulls(body.spec) }) })
  const issues = commandIdIssues(commandId)
  if (!parsed.success) throw badUserInput([...toIssues(parsed.error), ...issues])
  if (issues.length > 0) throw badUserInput(issues)
  return {
    command: parsed.data,
    commandId,
    expectedResourceVersion:
      expectedResourceVersion === undefined ? undefined : (parsePosition(expectedResourceVersion) ?? NO_POSITION),
  }
}
