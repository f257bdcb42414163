import { parentPort, workerData } from 'node:worker_threads'
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

/** The answer, in the order of the requests; an error comes as its message. */
export type WriterAnswer = { readonly value: string | undefined } | { readonly error: string }

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

parentPort?.on('message', (request: WriterRequest) => {
  try {
    parentPort?.postMessage({ value: answer(request) } satisfies WriterAnswer)
  } catch (error) {
    parentPort?.postMessage({ error: (error as Error).message } satisfies WriterAnswer)
  }
})
