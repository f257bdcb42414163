import { LRUCache } from 'lru-cache'

/** Bounded by size, as lru-cache allocates all entries immediately for `max`. */
export const createLru = <Key extends {}, Value extends {}>(max: number): LRUCache<Key, Value> =>
  new LRUCache({ maxSize: max, sizeCalculation: () => 1 })
