import { parentPort } from 'node:worker_threads'

/** The other end of an AskedThread: answers every request, also with why it could not be done. */
export const answerRequests = <Request>(answer: (request: Request) => unknown): void => {
  parentPort?.on('message', (request: Request) => {
    try {
      parentPort?.postMessage({ value: answer(request) })
    } catch (error) {
      parentPort?.postMessage({ error: (error as Error).message })
    }
  })
}
