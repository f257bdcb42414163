import { humanize } from '../../../output/text.ts'
import type { ChangeRecord, EntryRecord, Report, ResourceRecord, SummaryRecord } from './records.ts'

export const positionText = (position: string): string => position.replace(/^0+(?=.)/, '')

export const resourceText = ({ kind, name }: ResourceRecord): string =>
  name === null ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`

export const percent = (share: number): string => `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 2)} %`

export const valueText = (value: unknown): string => {
  if (value === null) return 'unset'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const fieldText = (field: string): string => humanize(field.replace(/^spec\./, ''))

export const isNew = (changes: readonly ChangeRecord[]): boolean => changes.every(({ before }) => before === null)

const changeText = ({ field, before, after }: ChangeRecord): string =>
  `${fieldText(field)} ${valueText(before)} → ${valueText(after)}`

export const changesText = ({ changes, message, refusal, action }: EntryRecord): string => {
  if (refusal !== null) return `${refusal.code}: ${message ?? ''}`
  if (changes.length === 0) return message ?? ''
  if (action === 'update' || !isNew(changes)) return changes.map(changeText).join(', ')
  return changes.map(({ field, after }) => `${fieldText(field)} ${valueText(after)}`).join(', ')
}

/** `12 entries: 9 changes, 1 refusal, 2 observations`. */
export const totalsText = ({ entries, changes, refusals, observations }: SummaryRecord): string => {
  const of = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
  return `${of(entries, 'entry', 'entries')}: ${of(changes, 'change')}, ${of(refusals, 'refusal')}, ${of(observations, 'observation')}`
}

export const LEGEND: readonly (readonly [result: string, meaning: string])[] = [
  ['Done', 'a change that a client requested and Hark executed'],
  ['Refused', 'a request that was rejected and changed nothing'],
  ['Observed', 'a report of a router, or something that Hark itself found or did; never counted as a change'],
]

export const windowText = ({ from, to, isOfStore }: Pick<Report, 'from' | 'to' | 'isOfStore'>): string =>
  `${from} to ${to}${isOfStore ? ', the last moment at which an engine observed the routers' : ''}`

export const scopeText = ({ scope }: Report): string => (scope.length === 0 ? 'all namespaces' : scope.join('; '))

interface CountRow {
  readonly cells: readonly string[]
  readonly count: number
}

export interface CountTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly CountRow[]
}

const withOthers = (rows: readonly CountRow[], others: number, columns: number): readonly CountRow[] =>
  others === 0 ? rows : [...rows, { cells: ['(others)', ...Array<string>(columns - 2).fill('')], count: others }]

export const countTables = (summary: SummaryRecord): readonly CountTable[] => {
  const table = (title: string, columns: readonly string[], rows: readonly CountRow[], others: number): CountTable => ({
    title,
    columns,
    rows: withOthers(rows, others, columns.length),
  })
  return [
    table(
      'Changes by actor',
      ['Actor', 'Changes'],
      summary.changesByActor.map(({ actor, changes }) => ({ cells: [actor], count: changes })),
      summary.changesByOtherActors,
    ),
    table(
      'Changes by resource',
      ['Namespace', 'Resource', 'Changes'],
      summary.changesByResource.map(({ resource, changes }) => ({
        cells: [resource.namespace ?? '', resourceText(resource)],
        count: changes,
      })),
      summary.changesToOtherResources,
    ),
    table(
      'Refusals',
      ['Actor', 'Code', 'Refusals'],
      summary.refusalsByActor.map(({ actor, code, refusals }) => ({ cells: [actor, code], count: refusals })),
      summary.otherRefusals,
    ),
  ].filter(({ rows }) => rows.length > 0)
}
