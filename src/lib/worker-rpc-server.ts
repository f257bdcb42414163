import { parentPort } from 'node:worker_threads'

/** The other end of an AskedThread: answers every request, also with why it could not be done. */
export const answerRequests = <Request>(answer: (request: Request) => unknown): void => {
  parentPort?.on('message', (request: Request) => {
    try {
      parentPort?.postMessage({ value: answer(request) })
    } catch (error) {
      const { message, errcode } = error as Error & { readonly errcode?: number }
      parentPort?.postMessage({ error: message, errcode })
    }
  })
}
