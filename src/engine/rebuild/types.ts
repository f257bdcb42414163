import type { Connection } from '../../lib/worker-rpc.ts'
import type { ModelName } from '../read-models/projections.ts'
import type { ProjectedTo } from '../read-models/read-models.ts'

/** A row, or a part of the history, that does not follow from the log. */
export interface Difference {
  readonly place: string
  readonly fault: string
}

export interface Advance {
  /** Of the last event that the rows were made from. */
  readonly position: number
  readonly isThere: boolean
}

export interface Comparison {
  readonly done: number
  readonly total: number
  /** Once everything is compared. */
  readonly differences?: readonly Difference[]
}

/** Makes read models in a new file from the log, which it reads itself. Its methods are called one after the other. */
export interface Rebuilder {
  /** Projects events up to a position, for a time at most. */
  advance(to: ProjectedTo, forMs: number): Promise<Advance>
  /** Writes the rows, so that `finish` has little left to write. */
  write(): Promise<void>
  /** Returns keys of rows, in lines as in `toLines`, that differ from the new ones. */
  compareRows(model: ModelName, table: string, lines: string): Promise<readonly string[]>
  /** Returns keys of the new rows that were not compared. */
  uncomparedRows(model: ModelName, table: string): Promise<readonly string[]>
  /** The times of events, as `EventTimes.summary` returns them. */
  timesSummary(): Promise<string>
  /** Completes and closes the new file. */
  finish(at: ProjectedTo): Promise<void>
  /** Compares a file with the log up to a position, for a time at most. */
  compareFile(file: string, to: ProjectedTo, forMs: number): Promise<Comparison>
}

/** @param fresh the new file */
export type ConnectRebuilder = (fresh: string, onFailure: (error: Error) => void) => Connection<Rebuilder>

export interface RebuildRequest {
  /** `next` of the slice before; undefined to begin. */
  readonly after?: string | undefined
  /** Compares the old file with the log as well. */
  readonly compares: boolean
}

export interface RebuildSlice {
  readonly done: number
  readonly total: number
  /** The position that the new read models had when they replaced the old ones; undefined before. */
  readonly replacedAt: number | undefined
  readonly differences: readonly Difference[]
  readonly differenceCount: number
  /** Undefined after the last slice. */
  readonly next: string | undefined
}

export interface RunningRebuild {
  /** Does a part of a rebuild; callers repeat it until there is no next one. */
  slice(request: RebuildRequest): Promise<RebuildSlice>
  /** Ends a rebuild, if one runs. The read models stay, unless they are replaced already. */
  cancel(after?: string): Promise<void>
}
