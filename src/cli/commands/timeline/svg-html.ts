import { escapeHtml } from '../../../lib/printable.ts'
import type { TimelineFragment } from '../../client/generated.ts'
import { formatDuration } from '../../output/time.ts'
import { ABSENT, type Interval, NOT_OBSERVED } from './bar.ts'

const WIDTH = 960
const BAR = { top: 48, height: 56 } as const
const LEGEND_TOP = 160
const TICKS = 5

/** Patterns distinguish fills without colour. */
const FILLS = {
  True: { id: 'true', colour: '#2e8b57', pattern: '' },
  False: { id: 'false', colour: '#c0392b', pattern: '<path d="M0 8L8 0" stroke="#fff" stroke-width="1.5"/>' },
  Unknown: { id: 'unknown', colour: '#d9a514', pattern: '<circle cx="4" cy="4" r="1.5" fill="#fff"/>' },
  NotObserved: {
    id: 'not-observed',
    colour: '#9aa0a6',
    pattern: '<path d="M0 4H8" stroke="#fff" stroke-width="1.5"/>',
  },
  Absent: { id: 'absent', colour: '#e8e8e8', pattern: '' },
} as const

const LEGEND = {
  True: 'True',
  False: 'False',
  Unknown: 'Unknown',
  NotObserved: 'not observed',
  Absent: 'no such listener',
} as const

const kindOf = ({ status, reason }: Interval): keyof typeof FILLS => {
  if (reason === NOT_OBSERVED) return 'NotObserved'
  return reason === ABSENT ? 'Absent' : status
}

const titleOf = ({ type }: TimelineFragment, name: string): string => `${type} of ${name}`

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`

const summaryOf = ({ from, to, fractionTrue, fractionUnknown, transitions }: TimelineFragment): string =>
  `${from} to ${to} (${formatDuration(Date.parse(to) - Date.parse(from))}): True ${percent(fractionTrue)} of the time, Unknown ${percent(fractionUnknown)}; transitions: ${transitions}`

const patterns = Object.values(FILLS).map(
  ({ id, colour, pattern }) =>
    `<pattern id="${id}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="${colour}"/>${pattern}</pattern>`,
)

export const timelineSvg = (name: string, timeline: TimelineFragment): string => {
  const [begin, end] = [Date.parse(timeline.from), Date.parse(timeline.to)]
  const x = (time: number): number => (end === begin ? 0 : ((time - begin) / (end - begin)) * WIDTH)
  const pieces = timeline.intervals.map(interval => {
    const [left, right] = [x(Date.parse(interval.from)), x(interval.to === null ? end : Date.parse(interval.to))]
    const kind = kindOf(interval)
    const label = `${interval.from}: ${kind === 'Absent' ? LEGEND.Absent : `${interval.status} (${interval.reason}): ${interval.message}`}`
    return `<rect x="${left.toFixed(2)}" y="${BAR.top}" width="${Math.max(0.5, right - left).toFixed(2)}" height="${BAR.height}" fill="url(#${FILLS[kind].id})"><title>${escapeHtml(label)}</title></rect>`
  })
  const ticks = Array.from({ length: TICKS }, (_, tick) => {
    const at = (WIDTH * tick) / (TICKS - 1)
    const anchor = tick === 0 ? 'start' : tick === TICKS - 1 ? 'end' : 'middle'
    const time = new Date(begin + ((end - begin) * tick) / (TICKS - 1)).toISOString().replace('T', ' ').slice(0, 19)
    return `<line x1="${at}" x2="${at}" y1="${BAR.top + BAR.height}" y2="${BAR.top + BAR.height + 6}" stroke="#555"/><text x="${at}" y="${BAR.top + BAR.height + 22}" text-anchor="${anchor}">${time}</text>`
  })
  const legend = (Object.keys(LEGEND) as (keyof typeof LEGEND)[]).map(
    (kind, place) =>
      `<rect x="${place * 150}" y="${LEGEND_TOP - 12}" width="16" height="16" fill="url(#${FILLS[kind].id})" stroke="#999"/><text x="${place * 150 + 24}" y="${LEGEND_TOP + 1}">${LEGEND[kind]}</text>`,
  )
  const title = titleOf(timeline, name)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 0 ${WIDTH + 32} ${LEGEND_TOP + 24}" role="img" aria-label="${escapeHtml(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    `<defs>${patterns.join('')}</defs>`,
    `<rect x="-16" y="0" width="${WIDTH + 32}" height="${LEGEND_TOP + 24}" fill="#fff"/>`,
    `<text x="0" y="20" font-size="16" font-weight="bold">${escapeHtml(title)}</text>`,
    `<text x="0" y="38" fill="#555">${escapeHtml(summaryOf(timeline))}</text>`,
    ...pieces,
    ...ticks,
    ...legend,
    '</svg>',
  ].join('\n')
}

const STYLE = `body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 66em; padding: 0 1em; color: #222 }
svg { width: 100%; height: auto }
table { border-collapse: collapse; width: 100%; margin-top: 1em; font-size: 14px }
th, td { text-align: left; padding: .3em .8em .3em 0; border-bottom: 1px solid #ddd; vertical-align: top }
td { font-variant-numeric: tabular-nums }
@media print { body { margin: 0; max-width: none } }`

export const timelineHtml = (name: string, timeline: TimelineFragment): string => {
  const end = Date.parse(timeline.to)
  const rows = timeline.intervals.map(({ from, to, status, reason, position, message }) => {
    const held = formatDuration((to === null ? end : Date.parse(to)) - Date.parse(from))
    const cells = [from, held, status, reason, position.replace(/^0+(?=.)/, ''), message]
    return `<tr>${cells.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`
  })
  const title = escapeHtml(titleOf(timeline, name))
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body>`,
    timelineSvg(name, timeline),
    '<table><thead><tr><th>From</th><th>For</th><th>Status</th><th>Reason</th><th>Position</th><th>Message</th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></body></html>',
  ].join('\n')
}
