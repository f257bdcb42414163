import type { Client } from '../client/client.ts'
import { ServerError } from '../client/errors.ts'
import { ApplyDocument, type ApplyMutation } from '../client/generated.ts'
import type { SourceDocument } from './documents.ts'
import { locateErrors } from './locate-errors.ts'

const TIMEOUT_MS = 120_000

export type Applied = ApplyMutation['apply']['results'][number] & {
  readonly index?: number
}

export interface ApplyMode {
  readonly dryRun?: boolean
  readonly replace?: boolean
  readonly mustExist?: boolean
}

export interface Sent {
  readonly results: readonly Applied[]
  readonly failure?: ServerError
}

/** @throws Unreachable; rejections are returned */
export const applyManifests = async (
  client: Client,
  documents: readonly SourceDocument[],
  namespace: string,
  { dryRun = false, replace = false, mustExist = false }: ApplyMode = {},
): Promise<Sent> => {
  // An older engine knows neither `replace` nor `mustExist`.
  const input = {
    manifests: documents.map(({ value }) => value),
    namespace,
    dryRun,
    ...(replace && { replace }),
    ...(mustExist && { mustExist }),
  }
  try {
    const { apply } = await client.request(ApplyDocument, { input }, { timeoutMs: TIMEOUT_MS })
    return { results: apply.results }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    const failure = locateErrors(error, (index, path) => {
      const where = documents[index]?.where(path) ?? ''
      return path === '' ? where : `${where}: ${path}`
    })
    const results = error.errors.flatMap(({ extensions }) => (extensions?.results ?? []) as readonly Applied[])
    return { results, failure }
  }
}
