import type { MomentRequest } from '../history/types.ts'

/** Milliseconds since 1970. */
export interface WindowTimes {
  readonly from: number
  readonly to: number
}

export interface WindowRequest {
  /** Defaults to the first event. */
  readonly from?: MomentRequest | undefined
  /** Defaults to now, as do future moments. */
  readonly to?: MomentRequest | undefined
}

/** @param first the beginning of a window without `from`, in milliseconds since 1970 */
export type TimesOf = (window: WindowRequest, first: number | undefined) => Promise<WindowTimes>

export interface DensityRequest extends WindowRequest {
  /** Undefined for all. */
  readonly namespaces: readonly string[] | undefined
  readonly buckets: number
}

/** Times and lengths are in milliseconds. */
export interface EventDensity extends WindowTimes {
  /** Of a bucket. */
  readonly length: number
  /** Oldest bucket first. */
  readonly counts: readonly number[]
  readonly total: number
  /** Of all events; absent without events. */
  readonly span?: { readonly first: number; readonly last: number }
}

/** What happened over time, condensed. */
export interface Overview {
  /** Namespaces that ever had events, sorted. */
  namespaces(): readonly string[]
  /** @throws HarkError BAD_USER_INPUT if the window ends before it begins */
  density(request: DensityRequest): Promise<EventDensity>
}
