import { type Signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Moment } from '../api/generated.ts'
import { type Lists, type Loaded, loadPages, PAGE } from '../api/pages.ts'
import { type QueryResult, useParts } from '../api/use-query.ts'
import { at } from '../routes/navigation.ts'
import { momentOf } from '../routes/route.ts'
import { version } from '../time/log.ts'

const FIRST_ROWS = 60

export interface Rows<Row> {
  readonly result: QueryResult<Loaded<Row>>
  readonly namespace: Signal<string>
  readonly needed: { current: number }
}

export const useRows = <Row>(listsAt: (at: Moment | undefined) => Lists<Row>): Rows<Row> => {
  const namespace = useSignal('')
  const needed = useRef(FIRST_ROWS)
  /** A table of one page is loaded at once. */
  const onePage = useRef(0)
  const moment = momentOf(at.value)
  const chosen = namespace.value === '' ? undefined : namespace.value
  const result = useParts(`${at.value} ${namespace.value}`, version.value, stop => {
    // A moment without any says nothing about the next one.
    const first = Math.max(needed.current, onePage.current, FIRST_ROWS)
    return loadPages(listsAt(moment), { namespace: chosen, first }, stop)
  })
  const total = result.value.data?.total ?? 0
  onePage.current = total <= PAGE ? total : 0
  return { result: result.value, namespace, needed }
}
