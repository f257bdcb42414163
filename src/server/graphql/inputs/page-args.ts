import { badUserInput } from '../../../../schemas/errors.ts'

const DEFAULT_PAGE = 100
const MAX_PAGE = 1000

/** The page that is asked for. */
export const pageRequest = <Cursor>({
  first = DEFAULT_PAGE,
  after,
}: {
  first?: number | undefined
  after?: Cursor | undefined
}) => {
  if (first >= 1 && first <= MAX_PAGE) return { first, after }
  throw badUserInput([{ path: 'first', message: `${first} is not a page's size (1 to ${MAX_PAGE})` }])
}
