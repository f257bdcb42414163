import type { Client } from '../../client/client.ts'
import { ServerError } from '../../client/errors.ts'
import {
  ConnectorCountDocument,
  HeadDocument,
  ListenerCountsDocument,
  NamespaceNamesDocument,
  RunningRebuildDocument,
  SigningStateDocument,
  type SiteFragment,
  SitesDocument,
  ViewerDocument,
} from '../../client/generated.ts'
import { type Build, buildIn, readMetrics, sample } from '../../client/metrics.ts'
import { readReadiness } from '../../client/readiness.ts'

interface ListenerCounts {
  readonly all: number
  readonly Ready: number
  readonly Pending: number
  readonly Error: number
}

export interface EngineStatus {
  readonly build?: Build | undefined
  readonly state: { readonly ready: boolean; readonly reasons: readonly string[] }
  readonly position: number
  readonly store?:
    | { readonly bytes?: number | undefined; readonly live: boolean; readonly writable: boolean }
    | undefined
  readonly signing?:
    | {
        readonly isSigning: boolean
        readonly signedAt?: string | undefined
        readonly lastCheckpoint?: string | undefined
      }
    | undefined
  /** Absent if none runs, or the caller may not read all namespaces. */
  readonly rebuild?: RunningRebuild | undefined
  readonly you: { readonly name: string; readonly roles: readonly string[] }
  readonly namespaces: readonly string[]
  readonly listeners?: ListenerCounts | undefined
  readonly connectors?: number | undefined
  readonly routers?: readonly SiteFragment[] | undefined
}

interface RunningRebuild {
  readonly stage: string
  readonly startedAt: string
  readonly actor: string
  readonly done: number
  readonly total: number
}

const ifPermitted = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ServerError && error.isForbidden) return undefined
    throw error
  }
}

const listenerCounts = async (client: Client): Promise<ListenerCounts> => {
  const { all, ready, pending, error } = await client.request(ListenerCountsDocument, {})
  return { all: all.totalCount, Ready: ready.totalCount, Pending: pending.totalCount, Error: error.totalCount }
}

const signingState = async (client: Client): Promise<EngineStatus['signing']> => {
  const { isSigning, signedAt, lastCheckpoint } = (await client.request(SigningStateDocument, {})).record
  return { isSigning, signedAt: signedAt ?? undefined, lastCheckpoint: lastCheckpoint?.time }
}

const runningRebuild = async (client: Client): Promise<RunningRebuild | undefined> => {
  const { rebuild } = await client.request(RunningRebuildDocument, {})
  return rebuild === null ? undefined : { ...rebuild, done: Number(rebuild.done), total: Number(rebuild.total) }
}

const storeIn = (samples: Parameters<typeof sample>[0]): EngineStatus['store'] => {
  if (samples.length === 0) return undefined
  const value = (name: string): number | undefined => sample(samples, name)?.value
  return {
    bytes: value('hark_store_bytes'),
    live: value('hark_store_live') !== 0,
    writable: value('hark_store_writable') !== 0,
  }
}

export const readStatus = async (client: Client): Promise<EngineStatus> => {
  const { viewer } = await client.request(ViewerDocument, {})
  const [{ head }, { namespaces }, samples, readiness, signing, rebuild, listeners, connectors, routers] =
    await Promise.all([
      client.request(HeadDocument, {}),
      client.request(NamespaceNamesDocument, {}),
      readMetrics(client),
      readReadiness(client),
      ifPermitted(signingState(client)),
      ifPermitted(runningRebuild(client)),
      ifPermitted(listenerCounts(client)),
      ifPermitted(client.request(ConnectorCountDocument, {})),
      ifPermitted(client.request(SitesDocument, {})),
    ])
  return {
    build: buildIn(samples),
    state: { ready: readiness.ready !== false, reasons: readiness.reasons ?? [] },
    position: Number(head),
    store: storeIn(samples),
    signing,
    ...(rebuild && { rebuild }),
    you: { name: viewer.name, roles: viewer.roles },
    namespaces,
    listeners,
    connectors: connectors?.connectors.totalCount,
    routers: routers?.sites,
  }
}
