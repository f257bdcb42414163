import { LRUCache } from 'lru-cache'

/**
 * A map of at most `max` entries; the one that was not used for longest makes room for a new one. It is bounded by size
 * and not by `max`, for which lru-cache allocates all entries at once.
 */
export const createLru = <Key extends {}, Value extends {}>(max: number): LRUCache<Key, Value> =>
  new LRUCache({ maxSize: max, sizeCalculation: () => 1 })
