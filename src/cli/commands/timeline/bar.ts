import type { TimelineFragment } from '../../client/generated.ts'
import { styled } from '../../output/colour.ts'

export type Interval = TimelineFragment['intervals'][number]

const SIGNS = {
  True: { sign: '#', style: 'green' },
  False: { sign: '.', style: 'red' },
  Unknown: { sign: '?', style: 'yellow' },
} as const

export const ABSENT = 'NotFound'
export const NOT_OBSERVED = 'NotObserved'

const signOf = ({ status, reason }: Interval): string => {
  if (reason === ABSENT) return ' '
  if (reason === NOT_OBSERVED) return styled('dim', '-')
  const { sign, style } = SIGNS[status]
  return styled(style, sign)
}

/** Columns show the status that held longest. */
export const timelineBar = ({ from, to, intervals }: TimelineFragment, width: number): string => {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const spans = intervals.map(interval => ({
    interval,
    from: Date.parse(interval.from),
    to: interval.to === null ? end : Date.parse(interval.to),
  }))
  const columns = Array.from({ length: width }, (_, column) => {
    const [left, right] = [column, column + 1].map(edge => begin + ((end - begin) * edge) / width) as [number, number]
    let longest: { readonly interval: Interval; readonly held: number } | undefined
    for (const { interval, from, to } of spans) {
      const held = Math.min(to, right) - Math.max(from, left)
      if (held >= 0 && held > (longest?.held ?? -1)) longest = { interval, held }
    }
    return longest === undefined ? ' ' : signOf(longest.interval)
  })
  return columns.join('')
}
