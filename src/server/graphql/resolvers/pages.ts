import type { Page } from '../../../engine/queries/types.ts'

/** The fields of a page of rows, as the engine gives it. */
export const pageFields = {
  edges: (page: Page<unknown>) => page.rows,
  pageInfo: (page: Page<unknown>) => ({ hasNextPage: page.hasNextPage, endCursor: page.rows.at(-1)?.cursor }),
}

export const edgeFields = { node: ({ row }: { row: unknown }) => row }
