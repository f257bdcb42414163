import { parentPort } from 'node:worker_threads'

/** The other end of an WorkerClient: answers every request, also with why it could not be done. */
export const serveWorker = <Request>(answer: (request: Request) => unknown): void => {
  parentPort?.on('message', (request: Request) => {
    try {
      parentPort?.postMessage({ value: answer(request) })
    } catch (error) {
      const { message, errcode } = error as Error & { readonly errcode?: number }
      parentPort?.postMessage({ error: message, errcode })
    }
  })
}
