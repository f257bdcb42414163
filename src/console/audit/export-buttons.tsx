import { useSignal } from '@preact/signals'
import { type ExportedEntry, toCsv, toHtml, toJson } from './export.ts'

interface Format {
  readonly name: string
  readonly extension: string
  readonly type: string
  readonly write: (entries: readonly ExportedEntry[]) => string
}

const FORMATS: readonly Format[] = [
  { name: 'CSV', extension: 'csv', type: 'text/csv', write: toCsv },
  { name: 'HTML', extension: 'html', type: 'text/html', write: entries => toHtml(entries, 'Audit report of Hark') },
  { name: 'JSON', extension: 'json', type: 'application/json', write: toJson },
]

const save = (text: string, { extension, type }: Format): void => {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = `hark-audit.${extension}`
  link.click()
  URL.revokeObjectURL(url)
}

interface Properties {
  readonly load: () => Promise<{ readonly entries: readonly ExportedEntry[] }>
}

export const ExportButtons = ({ load }: Properties) => {
  const isBusy = useSignal(false)
  const hasFailed = useSignal(false)
  const onClick = async (format: Format): Promise<void> => {
    isBusy.value = true
    hasFailed.value = false
    try {
      save(format.write((await load()).entries), format)
    } catch {
      hasFailed.value = true
    }
    isBusy.value = false
  }
  return (
    <fieldset class="exports" aria-label="Export">
      {FORMATS.map(format => (
        <button key={format.name} type="button" disabled={isBusy.value} onClick={() => onClick(format)}>
          {format.name}
        </button>
      ))}
      {hasFailed.value && <span role="alert">The export failed.</span>}
    </fieldset>
  )
}
