import { rename, rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { BEGINNING, type Position } from '../../schemas/events/recorded-event.ts'
import { READ_MODEL_PREFIXES } from '../../schemas/events/streams.ts'
import { HistoryDatabase } from '../engine/history/history-database.ts'
import { Recorder } from '../engine/history/recorder.ts'
import {
  assertWritten,
  freshFileOf,
  ReadModelsInUse,
  removeReadModels,
} from '../engine/read-models/persistence/database.ts'
import { Projector } from '../engine/read-models/projector.ts'
import { ReadModels } from '../engine/read-models/read-models.ts'
import { AnotherLog, type EventStore, formatLocation, StoreCorrupted } from '../event-store/event-store.ts'
import { lastPositionOrDamage } from '../event-store/last-event.ts'
import type { Finding } from '../integrity/verify/finding.ts'
import { abortable } from '../lib/abortable.ts'
import type { Logger } from '../lib/logger.ts'
import { LogCheck } from './verify/check-log.ts'
import { ReadModelCheck } from './verify/check-read-models.ts'

export { ReadModelsInUse }

type OnProgress = (done: Position, total: Position, events: number) => void

export interface Verified {
  readonly events: number
  readonly rows?: number
  readonly others?: readonly string[]
  readonly absent?: readonly string[]
  readonly findings: readonly Finding[]
}

const MOST_DAMAGED = 1000

async function* readPastDamage(store: EventStore, onDamage: (damage: StoreCorrupted) => void) {
  let from: Position | undefined = BEGINNING
  for (let damaged = 0; from !== undefined && damaged < MOST_DAMAGED; damaged += 1) {
    try {
      return yield* store.readAll({ from, prefixes: READ_MODEL_PREFIXES, allowGaps: true })
    } catch (error) {
      if (!(error instanceof StoreCorrupted)) throw error
      onDamage(error)
      from = error.resumeAfter
    }
  }
}

const REPORT_EVERY = 1000
const REPORT_EVERY_MS = 100
const TIMEOUT_MS = 10_000

interface VerifyOptions {
  readonly onProgress: OnProgress
  readonly onCompared?: (done: number, total: number) => void
  readonly signal: AbortSignal
}

/**
 * While they are open, no engine changes them: a log opened later has every event that they were made from.
 *
 * @returns undefined while an engine holds them
 */
export const openReadModels = (file: string): HistoryDatabase | undefined => {
  try {
    return new HistoryDatabase(file, false)
  } catch (error) {
    if (error instanceof ReadModelsInUse) return undefined
    throw error
  }
}

/** @param database opened before the store; undefined to check the log alone */
export const verify = async (
  store: EventStore,
  database: HistoryDatabase | undefined,
  { onProgress, onCompared, signal }: VerifyOptions,
): Promise<Verified> => {
  const log = new LogCheck()
  const findings: Finding[] = []
  let events = 0
  const total = await lastPositionOrDamage(store)
  const models = database && new ReadModelCheck(database)
  let isWhole = true
  const onDamage = ({ location: place, fault }: StoreCorrupted): void => {
    findings.push({ place: formatLocation(place), fault })
    isWhole = false
  }
  for await (const recorded of readPastDamage(store, onDamage)) {
    signal.throwIfAborted()
    const checked = log.check(recorded)
    findings.push(...checked.findings)
    if (checked.findings.length > 0) isWhole = false
    if (checked.event !== undefined) models?.project(checked.event)
    events += 1
    if (events % REPORT_EVERY === 0) onProgress(recorded.position, total, events)
  }
  for await (const { location: place, fault } of store.check()) {
    signal.throwIfAborted()
    findings.push({ place: formatLocation(place), fault })
  }
  // Rows of a damaged log are unknown.
  if (models === undefined || !isWhole) return { events, findings }
  if (!(await goesTo(store, models.position, signal)))
    return { events, rows: 0, findings: [...findings, ...models.beyond(total)] }
  const compared = await models.compare(async (done, of) => {
    onCompared?.(done, of)
    await setImmediate()
    signal.throwIfAborted()
  })
  return { events, ...compared, findings: [...findings, ...compared.findings] }
}

/** It need not be the position of an event. */
const goesTo = async (store: EventStore, position: Position, signal: AbortSignal): Promise<boolean> => {
  try {
    for await (const { live } of store.subscribe({ after: position, prefixes: READ_MODEL_PREFIXES, signal }))
      if (live) break
    return true
  } catch (error) {
    if (error instanceof AnotherLog) return false
    throw error
  }
}

export interface Rebuilt {
  readonly position: Position
  readonly differences?: readonly Finding[]
}

export const rebuild = async (
  store: EventStore,
  readModelFile: string,
  options: {
    readonly compares: boolean
    readonly logger: Logger
    readonly onProgress: OnProgress
    readonly signal: AbortSignal
  },
): Promise<Rebuilt> => {
  const { compares, logger, onProgress, signal } = options
  const fresh = freshFileOf(readModelFile)
  // Holding the old file prevents an engine from writing it.
  const old = new HistoryDatabase(readModelFile)
  try {
    removeReadModels(fresh)
    const total = await lastPositionOrDamage(store)
    const models = new ReadModels(fresh, new Recorder())
    const projector = new Projector({ store, models, logger, timeoutMs: TIMEOUT_MS })
    const check = compares ? new ReadModelCheck(old) : undefined
    let events = 0
    projector.onProjected(({ event }) => {
      events += 1
      check?.project(event)
    })
    const reporting = setInterval(() => onProgress(projector.head.position, total, events), REPORT_EVERY_MS)
    try {
      projector.start()
      await abortable(projector.whenReady(), signal)
    } finally {
      clearInterval(reporting)
      await projector.close()
      await models.close()
    }
    assertWritten(fresh)
    const differences = check && (await check.compare()).findings
    old.close()
    await Promise.all(['-wal', '-shm'].map(part => rm(`${readModelFile}${part}`, { force: true })))
    await rename(fresh, readModelFile)
    return { position: total, ...(differences && { differences }) }
  } catch (error) {
    removeReadModels(fresh)
    throw error
  } finally {
    if (old.isOpen) old.close()
  }
}
