import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BEGINNING, type Position } from '../schemas/recorded-event.ts'
import { ALL_PREFIXES } from '../schemas/streams.ts'
import { type Finding, LogCheck } from './engine/check-log.ts'
import { ReadModelCheck } from './engine/check-read-models.ts'
import type { Logger } from './engine/logger.ts'
import { Projector } from './engine/projector.ts'
import { ReadModelDatabase } from './engine/read-model-database.ts'
import { ReadModels } from './engine/read-models.ts'
import { type EventStore, placeText, StoreDamaged } from './store/event-store.ts'

/** Told how far it is, in positions of the log. */
export type OnProgress = (done: Position, total: Position, events: number) => void

export interface Verified {
  readonly events: number
  /** Undefined where there are no read models. */
  readonly rows?: number
  readonly findings: readonly Finding[]
}

const endOf = async (store: EventStore): Promise<Position> => {
  try {
    for await (const last of store.readAll({ direction: 'backward', limit: 1 })) return last.position
  } catch (error) {
    if (!(error instanceof StoreDamaged) || error.upTo === undefined) throw error
    return error.upTo
  }
  return BEGINNING
}

/** Whoever looks at a log of which nothing is left has seen enough by then. */
const MOST_DAMAGED = 1000

/** Every event that can be read, past what is damaged, of which `onDamage` is told. */
async function* readPastDamage(store: EventStore, onDamage: (damage: StoreDamaged) => void) {
  let from: Position | undefined = BEGINNING
  for (let damaged = 0; from !== undefined && damaged < MOST_DAMAGED; damaged += 1) {
    try {
      return yield* store.readAll({ from, prefixes: ALL_PREFIXES, passesGaps: true })
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      onDamage(error)
      from = error.upTo
    }
  }
}

const TELL_EVERY = 1000
const TELL_EVERY_MS = 100
/** A rebuild is nobody's command: nobody waits for it to be shown. */
const PATIENCE_MS = 10_000
/** Beside a file of SQLite's there may be these. */
const PARTS = ['', '-wal', '-shm'] as const

/**
 * Looks at every event of the log, and at every row of the read models where there are such, and changes nothing.
 *
 * @param readModelFile undefined where there are none
 */
export const verify = async (
  store: EventStore,
  readModelFile: string | undefined,
  { onProgress, signal }: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
): Promise<Verified> => {
  const total = await endOf(store)
  const log = new LogCheck()
  const database = readModelFile === undefined ? undefined : new ReadModelDatabase(readModelFile, false)
  const rows = database && new ReadModelCheck(database)
  const findings: Finding[] = []
  let [events, position] = [0, BEGINNING]
  try {
    let isWhole = true
    const onDamage = ({ place, fault }: StoreDamaged): void => {
      findings.push({ place: placeText(place), fault })
      isWhole = false
    }
    for await (const recorded of readPastDamage(store, onDamage)) {
      signal.throwIfAborted()
      const checked = log.check(recorded)
      findings.push(...checked.findings)
      if (checked.findings.length > 0) isWhole = false
      if (checked.event !== undefined) rows?.project(checked.event)
      events += 1
      position = recorded.position
      if (events % TELL_EVERY === 0) onProgress(position, total, events)
    }
    for await (const { place, fault } of store.faultyStreams?.() ?? []) {
      signal.throwIfAborted()
      findings.push({ place: placeText(place), fault })
    }
    // Of a log that is not whole nobody knows which rows it should lead to.
    const found = isWhole ? rows?.findings(position) : undefined
    return { events, ...(found && { rows: found.rows }), findings: [...findings, ...(found?.findings ?? [])] }
  } finally {
    database?.close()
  }
}

export interface Rebuilt {
  readonly position: Position
  /** Rows of the old read models that were otherwise; undefined where that was not asked for. */
  readonly differences?: readonly Finding[]
}

/**
 * Builds the read models anew beside those that are there, and puts them in their place when they are whole: until then
 * the old ones stay as they are.
 *
 * @throws Error where an engine has the read models
 */
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
  const fresh = join(dirname(readModelFile), 'read-models.new.db')
  const remove = (file: string) => Promise.all(PARTS.map(part => rm(`${file}${part}`, { force: true })))
  // Held open all the while: no engine begins to write what is about to be replaced.
  const old = new ReadModelDatabase(readModelFile)
  try {
    await remove(fresh)
    const total = await endOf(store)
    const models = new ReadModels(fresh)
    const projector = new Projector({ store, models, logger, patienceMs: PATIENCE_MS })
    const aborted = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
    let events = 0
    projector.onProjected(() => {
      events += 1
    })
    const telling = setInterval(() => onProgress(projector.head.position, total, events), TELL_EVERY_MS)
    try {
      projector.start()
      await Promise.race([projector.whenReady(), aborted.promise])
    } finally {
      clearInterval(telling)
      await projector.close()
      await models.close()
    }
    const differences = compares ? differencesOf(old, fresh) : undefined
    old.close()
    await Promise.all(PARTS.slice(1).map(part => rm(`${readModelFile}${part}`, { force: true })))
    await rename(fresh, readModelFile)
    return { position: total, ...(differences && { differences }) }
  } catch (error) {
    await remove(fresh)
    throw error
  } finally {
    if (old.isOpen) old.close()
  }
}

/** Row by row. */
const differencesOf = (old: ReadModelDatabase, fresh: string): Finding[] => {
  const built = new ReadModelDatabase(fresh)
  try {
    return built.checkpoints().flatMap(checkpoint => {
      const place = `${checkpoint.name}@${checkpoint.version}`
      const before = old
        .checkpoints()
        .find(({ name, version }) => name === checkpoint.name && version === checkpoint.version)
      if (before === undefined) return [{ place, fault: 'there was none of this version' }]
      if (before.position !== checkpoint.position)
        return [{ place, fault: `it went up to position ${before.position}, and the log up to ${checkpoint.position}` }]
      const rows = new Map([...old.rows(checkpoint)].map(([table, key, row]) => [`${table} ${key}`, row]))
      const findings: Finding[] = []
      for (const [table, key, row] of built.rows(checkpoint)) {
        const then = rows.get(`${table} ${key}`)
        rows.delete(`${table} ${key}`)
        if (then === undefined) findings.push({ place: `${place} ${table} ${key}`, fault: 'the row was missing' })
        else if (then !== row) findings.push({ place: `${place} ${table} ${key}`, fault: 'the row was another' })
      }
      for (const key of rows.keys())
        findings.push({ place: `${place} ${key}`, fault: 'the row should not have been there' })
      return findings
    })
  } finally {
    built.close()
  }
}
