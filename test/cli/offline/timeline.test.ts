import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { TimelineFragment } from '../../../src/cli/client/generated.ts'
import { windowText } from '../../../src/cli/commands/audit/report-formats/texts.ts'
import { timelineBar } from '../../../src/cli/commands/timeline/bar.ts'
import { timelineSvg } from '../../../src/cli/commands/timeline/svg-html.ts'

const at = (minute: number): string => `2026-01-01T10:0${minute}:00.000Z`

const interval = (from: number, status: 'True' | 'False' | 'Unknown', reason: string) => ({
  status,
  reason,
  message: reason,
  from: at(from),
  to: at(from + 1),
  position: '1',
})

const TIMELINE: TimelineFragment = {
  type: 'Ready',
  from: at(0),
  to: at(5),
  fractionTrue: 0.25,
  fractionUnknown: 0.5,
  transitions: 2,
  intervals: [
    interval(0, 'Unknown', 'NotFound'),
    interval(1, 'True', 'Ready'),
    interval(2, 'Unknown', 'NotObserved'),
    interval(3, 'Unknown', 'RouterUnreachable'),
    interval(4, 'False', 'Pending'),
  ],
}

describe('timeline', () => {
  it('draws unobserved time as -', () => {
    assert.equal(stripVTControlCharacters(timelineBar(TIMELINE, 10)), '  ##--??..')
  })

  it('fills unobserved time with a pattern of its own in SVG', () => {
    const svg = timelineSvg('backend', TIMELINE)
    assert.equal(svg.match(/fill="url\(#not-observed\)"/g)?.length, 2)
    assert.match(svg, /<pattern id="not-observed"/)
    assert.match(svg, />not observed<\/text>/)
    assert.match(svg, /<title>2026-01-01T10:02:00.000Z: Unknown \(NotObserved\): NotObserved<\/title>/)
  })

  it('explains the end of the window of a store', () => {
    const window = { from: at(0), to: at(5) }
    assert.equal(windowText({ ...window, isOfStore: false }), `${at(0)} to ${at(5)}`)
    assert.match(
      windowText({ ...window, isOfStore: true }),
      /, the last moment at which an engine observed the routers$/,
    )
  })
})
