import type { ConditionResult, ConditionType } from '../../../projections/shared/evaluate-conditions.ts'
import type { RouterConnection } from '../../../projections/shared/router-connection.ts'
import { VERSION_KIND, type VersionKind } from '../history/row-version.ts'
import { dropsCondition } from '../history/timeline/dropped-condition.ts'

export const LANE_CODE = { absent: 0, Ready: 1, Pending: 2, NotObserved: 3, Unknown: 4, Error: 5 } as const
export type LaneCode = (typeof LANE_CODE)[keyof typeof LANE_CODE]
export type LaneStatus = Exclude<keyof typeof LANE_CODE, 'absent'>

const NAMES = Object.keys(LANE_CODE) as readonly (keyof typeof LANE_CODE)[]

export const LANE_LETTERS = '-RPNUE'

export const laneStatusOf = (code: number): LaneStatus | undefined => {
  const name = NAMES[code]
  return name === undefined || name === 'absent' ? undefined : name
}

/** Codes of several conditions in a number, that of Ready first. */
const CODE_BITS = 3
const CODE_MASK = 0b111
const PLACES = { Ready: 0, Configured: 1, Matched: 2, Reachable: 3, Operational: 4 } as const satisfies Record<
  ConditionType,
  number
>

export const codeIn = (codes: number, type: ConditionType): LaneCode =>
  ((codes >> (PLACES[type] * CODE_BITS)) & CODE_MASK) as LaneCode

const withCode = (codes: number, type: ConditionType, code: number): number => {
  const shift = PLACES[type] * CODE_BITS
  return (codes & ~(CODE_MASK << shift)) | (code << shift)
}

const REASONS: Readonly<Record<string, LaneCode>> = {
  Ready: LANE_CODE.Ready,
  Pending: LANE_CODE.Pending,
  Error: LANE_CODE.Error,
  RouterUnreachable: LANE_CODE.Unknown,
  NotObserved: LANE_CODE.NotObserved,
}

export const laneStatusFor = (reason: string): LaneStatus | undefined =>
  laneStatusOf(REASONS[reason] ?? LANE_CODE.Unknown)

export interface LaneState {
  readonly codes: number
  readonly message: string
}

export const NO_RESOURCE: LaneState = { codes: 0, message: '' }

const FLAT_OBJECT = /\{(?:[^"}]+|"(?:[^"\\]+|\\.)*")*\}/y
const CONDITIONS = Object.keys(PLACES) as readonly ConditionType[]

const changesOf = (body: string, type: ConditionType): Partial<ConditionResult> | null | undefined => {
  // Other maps hold texts and numbers.
  const name = `"${type}":`
  const at = body.indexOf(`${name}{`)
  if (at < 0) return dropsCondition(body, type) ? null : undefined
  FLAT_OBJECT.lastIndex = at + name.length
  return JSON.parse(FLAT_OBJECT.exec(body)?.[0] as string)
}

/** Most patches change generations only. */
const mayChangeConditions = (body: string): boolean =>
  body.includes('"conditions"') && (body.includes('"reason":') || body.includes('"message":') || body.includes(':null'))

const afterConditions = (before: LaneState, body: string): LaneState => {
  if (!mayChangeConditions(body)) return before
  let { codes, message } = before
  for (const type of CONDITIONS) {
    const changes = changesOf(body, type)
    if (changes === undefined) continue
    if (changes === null) codes = withCode(codes, type, LANE_CODE.absent)
    else if (changes.reason !== undefined) codes = withCode(codes, type, REASONS[changes.reason] ?? LANE_CODE.Unknown)
    if (type === 'Ready') message = changes?.message ?? message
  }
  return { codes, message }
}

interface RouterChanges {
  readonly connection?: string
  readonly message?: string
  readonly unobservedSince?: string | null
}

const FIRST_MESSAGE = 'Connecting'

const routerCode = (connection: string, message: string, isUnobserved: boolean): LaneCode => {
  if (connection === 'Connected') return LANE_CODE.Ready
  if (connection === 'Detached') return LANE_CODE.Pending
  if (isUnobserved) return LANE_CODE.NotObserved
  return message === FIRST_MESSAGE ? LANE_CODE.Pending : LANE_CODE.Unknown
}

export const laneStatusOfRouter = ({ connection, message, unobservedSince }: RouterConnection) =>
  laneStatusOf(routerCode(connection, message, unobservedSince !== undefined))

const connectionOf = ({ codes, message }: LaneState): string => {
  if (codes === LANE_CODE.Ready) return 'Connected'
  return codes === LANE_CODE.Pending && message !== FIRST_MESSAGE ? 'Detached' : 'Connecting'
}

const afterRouter = (before: LaneState, body: string): LaneState => {
  const changes = JSON.parse(body) as RouterChanges
  const connection = changes.connection ?? connectionOf(before)
  const message = changes.message ?? before.message
  const isUnobserved =
    changes.unobservedSince === undefined ? before.codes === LANE_CODE.NotObserved : changes.unobservedSince !== null
  return { codes: routerCode(connection, message, isUnobserved), message }
}

/** @param body JSON of the row or of a merge patch */
export const laneStateAfter = (before: LaneState, kind: VersionKind, body: string, isRouter: boolean): LaneState => {
  if (kind === VERSION_KIND.removed) return NO_RESOURCE
  const base = kind === VERSION_KIND.whole ? NO_RESOURCE : before
  return isRouter ? afterRouter(base, body) : afterConditions(base, body)
}
