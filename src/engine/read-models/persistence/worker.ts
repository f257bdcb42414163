import { workerData } from 'node:worker_threads'
import type { Position } from '../../../../schemas/events/recorded-event.ts'
import { serveWorker } from '../../../lib/worker-rpc-server.ts'
import { answerOfPast, type PastQuery } from '../../history/as-of-query.ts'
import { type ModelKeys, pastTables } from '../../history/as-of-tables.ts'
import type { Unobserved } from '../../history/observed-time.ts'
import type { EncodedVersions } from '../../history/pending-versions.ts'
import { scopeOf } from '../../history/row-version.ts'
import { Queries } from '../../queries/queries.ts'
import { type LastEvent, type ModelId, type NewCheckpoint, type Part, ReadModelDatabase } from './database.ts'
import { fromLines } from './row-lines.ts'

/** What the thread is asked to do with the database of the read models. */
export type WriterRequest =
  | { readonly ask: 'begin' }
  | { readonly ask: 'put'; readonly model: ModelId; readonly table: string; readonly lines: string }
  | {
      readonly ask: 'commit'
      readonly part: Part
      readonly checkpoints: readonly NewCheckpoint[]
      readonly lastEvent: LastEvent | undefined
      readonly remove: readonly ModelId[]
    }
  | ({ readonly ask: 'putVersions' } & EncodedVersions)
  | { readonly ask: 'putMoments'; readonly moments: Float64Array }
  | { readonly ask: 'positionAt'; readonly time: number }
  | { readonly ask: 'momentBefore'; readonly position: Position }
  | {
      readonly ask: 'past'
      readonly models: ModelKeys
      readonly position: Position
      readonly query: PastQuery
      readonly unobserved?: Unobserved | undefined
    }
  | { readonly ask: 'row'; readonly model: ModelId; readonly table: string; readonly key: string }
  | { readonly ask: 'startOver' }
  | { readonly ask: 'close' }

const database = new ReadModelDatabase(workerData as string)

const commit = ({ part, checkpoints, lastEvent, remove }: Extract<WriterRequest, { ask: 'commit' }>): void => {
  for (const checkpoint of checkpoints) database.checkpoint(checkpoint)
  if (lastEvent !== undefined) {
    database.setLastEvent('versions', lastEvent)
    if (part === 'rows') database.setLastEvent('rows', lastEvent)
  }
  for (const model of remove) database.remove(model)
  database.commit()
}

const answer = (request: WriterRequest): unknown => {
  switch (request.ask) {
    case 'begin':
      database.begin()
      return undefined
    case 'put':
      for (const [key, row] of fromLines(request.lines)) database.put(request.model, request.table, key, row)
      return undefined
    case 'commit':
      commit(request)
      return undefined
    case 'putVersions':
      database.versions.add(request.versions)
      database.versions.file(request.filings)
      return undefined
    case 'putMoments':
      for (let at = 0; at < request.moments.length; at += 2)
        database.versions.addMoment(request.moments[at] as number, request.moments[at + 1] as number)
      return undefined
    case 'positionAt':
      return database.versions.positionAt(request.time)
    case 'momentBefore':
      return database.versions.momentBefore(request.position)
    case 'past': {
      const { models, position, query, unobserved } = request
      const listeners = scopeOf(models.listenerStatus, 'listeners')
      const source = {
        queries: new Queries(pastTables(database.versions, models, position, unobserved)),
        versions: database.versions,
        models,
        versionsOf: (key: string, after: Position) => database.versions.versions(listeners, key, after, position),
      }
      return answerOfPast(source, position, query)
    }
    case 'row':
      return database.row(request.model, request.table, request.key)
    case 'startOver':
      database.startOver()
      return undefined
    case 'close':
      database.close()
      return undefined
  }
}

serveWorker(answer)
