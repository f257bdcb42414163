import type { Subject } from '../events/describe-event.ts'

export const kindWords = (kind: Subject['kind']): string => (kind === 'MultiKeyListener' ? kind : kind.toLowerCase())
