import type { EventFragment } from '../../client/generated.ts'

/** At most `count`, oldest first, always with the cause. */
export const newestEvents = (
  events: readonly EventFragment[],
  count: number,
  cause: EventFragment | null,
): readonly EventFragment[] => {
  const newest = events.slice(-count)
  const isCause = ({ position }: EventFragment): boolean => position === cause?.position
  return cause === null || newest.some(isCause) ? newest : [cause, ...newest.slice(1)]
}
