import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** How many bytes of the heap are in use, what nothing refers to any more left out. */
export const liveHeap = (): number => {
  // What is freed by the first may have kept others.
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
