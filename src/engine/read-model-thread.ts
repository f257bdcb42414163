import { workerData } from 'node:worker_threads'
import { answerRequests } from '../threads/answer-requests.ts'
import { type Checkpoint, type ModelId, ReadModelDatabase } from './read-model-database.ts'
import { fromLines } from './written-rows.ts'

/** What the thread is asked to do with the database of the read models. */
export type WriterRequest =
  | { readonly ask: 'begin' }
  | { readonly ask: 'put'; readonly model: ModelId; readonly table: string; readonly lines: string }
  | { readonly ask: 'commit'; readonly checkpoints: readonly Checkpoint[]; readonly remove: readonly ModelId[] }
  | { readonly ask: 'row'; readonly model: ModelId; readonly table: string; readonly key: string }
  | { readonly ask: 'startOver'; readonly firstEventId: string | undefined }
  | { readonly ask: 'close' }

const database = new ReadModelDatabase(workerData as string)

const commit = (checkpoints: readonly Checkpoint[], remove: readonly ModelId[]): void => {
  for (const checkpoint of checkpoints) database.checkpoint(checkpoint)
  for (const model of remove) database.remove(model)
  database.commit()
}

const answer = (request: WriterRequest): string | undefined => {
  switch (request.ask) {
    case 'begin':
      database.begin()
      return undefined
    case 'put':
      for (const [key, row] of fromLines(request.lines)) database.put(request.model, request.table, key, row)
      return undefined
    case 'commit':
      commit(request.checkpoints, request.remove)
      return undefined
    case 'row':
      return database.row(request.model, request.table, request.key)
    case 'startOver':
      database.startOver(request.firstEventId)
      return undefined
    case 'close':
      database.close()
      return undefined
  }
}

answerRequests(answer)
