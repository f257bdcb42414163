/** The seed of all tests: fixed in `npm test`, new in each `npm run fuzz`. */
export const SEED = Number(process.env.FUZZ_SEED ?? 20_261_129)

/** Replaces `Math.random` with a seeded generator (mulberry32). */
export const seededRandom = (seed = SEED): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
