import { changeText } from '../events/change-text.ts'
import { resourceOf } from '../events/columns.ts'
import { dim, heading } from '../output/colour.ts'
import { printable } from '../output/strip-control.ts'
import type { ChangeRecord } from './change-record.ts'
import { differenceLines } from './difference-lines.ts'

/** An event, who brought it about, and what it changed. */
export const changeLines = (change: ChangeRecord): string[] => {
  const { event } = change
  const what = changeText(event)
  const differences = differenceLines(change.listeners, change)
  const position = event.position.replace(/^0+(?=.)/, '')
  return [
    `${heading(`${event.time}  ${event.type} ${printable(resourceOf(event))}`)}${what === '' ? '' : `: ${printable(what)}`}`,
    dim(`position ${position}, by ${printable(event.actor)}`),
    ...(differences.length === 0 ? [dim('  nothing that is shown')] : differences.map(line => `  ${line}`)),
  ]
}
