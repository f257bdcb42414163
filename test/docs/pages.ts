/** The pages whose commands are run in order, as a reader would type them. */
export const PAGES = ['README.md', 'docs/tour.md', 'docs/time-travel.md'] as const
