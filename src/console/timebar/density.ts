import { type TimeWindow, xOf } from '../time/time-window.ts'

export interface Density {
  readonly from: number
  readonly bucketMs: number
  readonly counts: readonly number[]
}

interface Bar {
  readonly x: number
  readonly width: number
  readonly height: number
  readonly count: number
}

const SPARSE_WIDTH = 3

export const mergeBuckets = ({ from, bucketMs, counts }: Density, by: number): Density => ({
  from,
  bucketMs: bucketMs * by,
  counts: Array.from({ length: Math.ceil(counts.length / by) }, (_, index) =>
    counts.slice(index * by, (index + 1) * by).reduce((sum, count) => sum + count, 0),
  ),
})

export const densityBars = (density: Density, window: TimeWindow, width: number): readonly Bar[] => {
  const bucketWidth = (density.bucketMs / (window.to - window.from)) * width
  const { from, bucketMs, counts } = mergeBuckets(density, Math.max(1, Math.ceil(SPARSE_WIDTH / bucketWidth)))
  const most = counts.reduce((max, count) => Math.max(max, count), 1)
  const barWidth = (bucketMs / (window.to - window.from)) * width
  return counts.flatMap((count, index) => {
    const x = xOf(window, width, from + index * bucketMs)
    if (count === 0 || x + barWidth < 0 || x > width) return []
    return [{ x, width: barWidth, height: Math.log1p(count) / Math.log1p(most), count }]
  })
}
