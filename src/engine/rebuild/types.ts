import type { Connection } from '../../lib/worker-rpc.ts'
import type { Caller } from '../commands/types.ts'
import type { ModelName } from '../read-models/projections.ts'
import type { ProjectedTo } from '../read-models/read-models.ts'

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
  readonly differences?: readonly Difference[]
}

/** Its methods are called one after the other. */
export interface Rebuilder {
  /** Returns after the time at the latest. */
  advance(to: ProjectedTo, forMs: number): Promise<Advance>
  /** Writes the rows, so that `finish` has little left to write. */
  write(): Promise<void>
  /** Returns keys of rows, in lines as in `toLines`, that differ from the new ones. */
  compareRows(model: ModelName, table: string, lines: string): Promise<readonly string[]>
  uncomparedRows(model: ModelName, table: string): Promise<readonly string[]>
  timesSummary(): Promise<string>
  finish(at: ProjectedTo): Promise<void>
  compareFile(file: string, to: ProjectedTo, forMs: number): Promise<Comparison>
}

export type ConnectRebuilder = (fresh: string, onFailure: (error: Error) => void) => Connection<Rebuilder>

export interface RebuildRequest {
  /** `next` of the slice before; undefined to begin. */
  readonly after?: string | undefined
  readonly compares: boolean
  /** Read when it begins; absent if the engine itself does. */
  readonly caller?: Caller
}

/** The rows in memory are compared before they are replaced, and the file afterwards. */
export type RebuildStage = 'building' | 'comparing' | 'replacing' | 'checking'

export interface RebuildProgress {
  readonly stage: RebuildStage
  readonly startedAt: string
  readonly actor: string
  /** Positions as in RebuildSlice. */
  readonly done: number
  readonly total: number
}

export interface RebuildSlice {
  readonly done: number
  readonly total: number
  /** Position of the new read models when they replaced the old ones. */
  readonly replacedAt: number | undefined
  readonly differences: readonly Difference[]
  readonly differenceCount: number
  readonly next: string | undefined
}

export interface RunningRebuild {
  readonly progress: RebuildProgress | undefined
  /** Callers repeat it until there is no next one. */
  slice(request: RebuildRequest): Promise<RebuildSlice>
  /** The read models stay, unless they are replaced already. */
  cancel(after?: string): Promise<void>
}
