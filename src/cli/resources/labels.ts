import type { Command } from 'commander'
import type { Column } from '../output/table.ts'
import type { Resource } from './resource.ts'

export type TextMap = Readonly<Record<string, string>>

export interface LabelColumns {
  readonly labelColumns?: readonly string[]
  readonly showLabels?: true
}

const listed = (text: string, others: readonly string[] = []): readonly string[] => [...others, ...text.split(',')]

export const withLabelColumns = (command: Command): Command =>
  command
    .option('-L, --label-columns <keys>', 'labels to show as columns, separated by commas', listed)
    .option('--show-labels', 'show all labels in the last column')

const labelsText = (labels: unknown): string =>
  Object.entries((labels ?? {}) as TextMap)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

const labelOf = (labels: TextMap, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined

/** As in kubectl, the title of `app.kubernetes.io/name` is NAME. */
export const labelColumns = ({ labelColumns: keys = [], showLabels }: LabelColumns): readonly Column<Resource>[] => [
  ...keys.map(
    (key): Column<Resource> => ({
      title: key.slice(key.lastIndexOf('/') + 1).toUpperCase(),
      value: ({ metadata }) => labelOf(metadata.labels as TextMap, key),
    }),
  ),
  ...(showLabels
    ? [{ title: 'LABELS', value: ({ metadata }: Resource) => labelsText(metadata.labels) || '<none>' }]
    : []),
]
