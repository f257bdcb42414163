import { z } from 'zod'

/**
 * Who drives a router, where several engines could. The stream is `lease-<namespace>`: bookkeeping of the engines among
 * themselves, which no read model follows. `holder` and `by` are ids that an engine gives itself at each start.
 */
export const leaseEventData = {
  LeaseTaken: z.strictObject({ namespace: z.string(), holder: z.string() }),
  /** Somebody asks whether the holder is still there; a holder that does not answer loses the lease. */
  LeaseAsked: z.strictObject({ namespace: z.string(), by: z.string() }),
  LeaseRenewed: z.strictObject({ namespace: z.string(), holder: z.string() }),
  LeaseReleased: z.strictObject({ namespace: z.string(), holder: z.string() }),
} as const
