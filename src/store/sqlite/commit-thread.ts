import { workerData } from 'node:worker_threads'
import { answerRequests } from '../../threads/answer-requests.ts'
import { EventTable } from './event-table.ts'
import { fromLines } from './written-events.ts'

/** What the thread is asked to do with the log. */
export type CommitRequest =
  | { readonly ask: 'commit'; readonly lines: string }
  /** Brings the index of streams up to a position. */
  | { readonly ask: 'index'; readonly to: number }
  | { readonly ask: 'close' }

const table = new EventTable(workerData as string)

answerRequests((request: CommitRequest): void => {
  if (request.ask === 'commit') table.insertAll(fromLines(request.lines))
  else if (request.ask === 'index') table.indexTo(request.to)
  else table.close()
})
