/** Returns the first item, undefined if there is none, and reads no further. */
export const first = async <T>(items: AsyncIterable<T>): Promise<T | undefined> => {
  for await (const item of items) return item
  return undefined
}
