import type { Subject } from '../events/describe-event.ts'

/** A kind within a sentence. */
export const kindWords = (kind: Subject['kind']): string =>
  kind === 'MultiKeyListener' ? 'multi-key listener' : kind.toLowerCase()

/** A kind beside a name, where there is little room. */
export const shortKindWords = (kind: Subject['kind']): string =>
  kind === 'MultiKeyListener' ? 'multi-key' : kind.toLowerCase()
