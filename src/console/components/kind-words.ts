import type { Subject } from '../events/describe-event.ts'

/** A kind within a sentence. */
export const kindWords = (kind: Subject['kind']): string => (kind === 'MultiKeyListener' ? kind : kind.toLowerCase())
