/** Every kind of resource, in the order in which messages list them. Apart from registry.ts, which loads zod. */
export const KINDS = ['Listener', 'Connector', 'Site'] as const
export type Kind = (typeof KINDS)[number]
