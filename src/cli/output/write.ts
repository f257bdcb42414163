import { once } from 'node:events'

/** Writes a part of a long result, and waits for a reader that is slower: memory is not to fill with what nobody takes. */
export const write = async (text: string, signal: AbortSignal): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal })
}
