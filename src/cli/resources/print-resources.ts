import { formatDocument } from '../output/format.ts'
import type { OutputFormat } from '../output/output-format.ts'
import { print } from '../output/print.ts'
import { type Column, Table } from '../output/table.ts'
import { type LabelColumns, labelColumns } from './labels.ts'
import { NAMESPACE, QUALIFIED_NAME, type Resource, type ResourceKind, resourceName, toManifest } from './resource.ts'

export interface PrintOptions extends LabelColumns {
  readonly output: OutputFormat
  readonly allNamespaces?: true
  readonly headers: boolean
  readonly showKind?: true
  readonly sortBy?: string
}

export interface Found {
  readonly kind: ResourceKind
  readonly resources: readonly Resource[]
}

export const tableFor = (kind: ResourceKind, options: PrintOptions, isOneOfSeveral = false): Table<Resource> => {
  const { output, allNamespaces, headers, showKind } = options
  const [name, ...columns] = kind.columns
  const first = isOneOfSeveral || showKind ? QUALIFIED_NAME : (name as Column<Resource>)
  const wide = output.format === 'wide' ? kind.wideColumns : []
  return new Table(
    [...(allNamespaces ? [NAMESPACE] : []), first, ...columns, ...wide, kind.message, ...labelColumns(options)],
    {
      titles: headers,
    },
  )
}

const printTables = (found: readonly Found[], options: PrintOptions): void => {
  for (const [index, { kind, resources }] of found.entries()) {
    if (index > 0) print('')
    for (const line of tableFor(kind, options, found.length > 1).lines(resources)) print(line)
  }
}

const documentOf = (found: readonly Found[], isSingle: boolean): unknown => {
  const items = found.flatMap(({ kind, resources }) => resources.map(resource => toManifest(kind, resource)))
  return isSingle ? items[0] : { apiVersion: 'v1', kind: 'List', items }
}

const sorted = async (found: readonly Found[], path: string): Promise<readonly Found[]> => {
  const { sortedBy } = await import('../output/templates.ts')
  return found.map(({ kind, resources }) => ({
    kind,
    resources: sortedBy(path, resources, resource => toManifest(kind, resource)),
  }))
}

export const printResources = async (
  unsorted: readonly Found[],
  isSingle: boolean,
  options: PrintOptions,
): Promise<void> => {
  const { output, headers, sortBy } = options
  const found = sortBy === undefined ? unsorted : await sorted(unsorted, sortBy)
  const present = found.filter(({ resources }) => resources.length > 0)
  switch (output.format) {
    case 'table':
    case 'wide':
      return printTables(present, options)
    case 'name':
      for (const { metadata, kind } of found.flatMap(({ resources }) => resources))
        print(resourceName(kind, metadata.name))
      return
    case 'jsonpath': {
      const { jsonPathText } = await import('../output/templates.ts')
      return print(jsonPathText(output.text)(documentOf(found, isSingle)).replace(/\n$/, ''))
    }
    case 'custom-columns': {
      const { customColumns } = await import('../output/templates.ts')
      const rows = found.flatMap(({ kind, resources }) => resources.map(resource => toManifest(kind, resource)))
      for (const line of new Table(customColumns(output.text), { titles: headers }).lines(rows)) print(line)
      return
    }
    default:
      print(await formatDocument(documentOf(found, isSingle), output.format))
  }
}
