import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useSize } from './use-canvas.ts'

export const ROW_PX = 36
const OVERSCAN = 4
const STEP = 4
const FIRST_VIEW_PX = 900

interface RowsInView {
  readonly first: number
  /** Exclusive. */
  readonly end: number
  readonly onScroll: (event: { readonly currentTarget: HTMLElement }) => void
}

/** Which rows of a table to render: those on the screen, and some around them. */
export const useRowsInView = (scroller: RefObject<HTMLElement | null>, count: number, rowPx = ROW_PX): RowsInView => {
  const topRow = useSignal(0)
  const size = useSize(scroller)
  const height = size.value.height || FIRST_VIEW_PX
  const first = Math.max(Math.min(topRow.value, count) - OVERSCAN, 0)
  return {
    first,
    end: Math.min(first + Math.ceil(height / rowPx) + 2 * OVERSCAN, count),
    onScroll: ({ currentTarget }) => {
      topRow.value = Math.floor(currentTarget.scrollTop / rowPx / STEP) * STEP
    },
  }
}

/** Takes the place of rows that are not rendered. */
export const Spacer = ({ height, columns }: { readonly height: number; readonly columns: number }) =>
  height <= 0 ? null : (
    <tr aria-hidden="true">
      <td class="spacer" colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  )
