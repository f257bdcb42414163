import { workerData } from 'node:worker_threads'
import { answerRequests } from '../threads/answer-requests.ts'
import { type Checkpoint, type LastEvent, type ModelId, ReadModelDatabase } from './read-model-database.ts'
import { fromLines } from './written-rows.ts'

/** What the thread is asked to do with the database of the read models. */
export type WriterRequest =
  | { readonly ask: 'begin' }
  | { readonly ask: 'put'; readonly model: ModelId; readonly table: string; readonly lines: string }
  | {
      readonly ask: 'commit'
      readonly checkpoints: readonly Checkpoint[]
      readonly lastEvent: LastEvent | undefined
      readonly remove: readonly ModelId[]
    }
  | { readonly ask: 'row'; readonly model: ModelId; readonly table: string; readonly key: string }
  | { readonly ask: 'startOver' }
  | { readonly ask: 'close' }

const database = new ReadModelDatabase(workerData as string)

const commit = ({ checkpoints, lastEvent, remove }: Extract<WriterRequest, { ask: 'commit' }>): void => {
  for (const checkpoint of checkpoints) database.checkpoint(checkpoint)
  if (lastEvent !== undefined) database.setLastEvent(lastEvent)
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
      commit(request)
      return undefined
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

answerRequests(answer)
