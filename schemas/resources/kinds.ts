/** Sorted as in messages. Separate from registry.ts, which loads zod. */
export const KINDS = ['Listener', 'Connector', 'Site'] as const
export type Kind = (typeof KINDS)[number]
