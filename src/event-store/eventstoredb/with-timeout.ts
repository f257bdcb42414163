export class CallTimeout extends Error {
  override readonly name = 'CallTimeout'

  constructor(ms: number) {
    super(`there was no response for ${Math.round(ms)} ms`)
  }
}

export const withTimeout = <T>(ms: number, promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CallTimeout(ms)), ms)
    promise.then(
      value => {
        clearTimeout(timer)
        resolve(value)
      },
      error => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
