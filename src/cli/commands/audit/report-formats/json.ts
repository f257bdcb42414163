import { jsonText } from '../../../output/text.ts'
import type { Report } from './records.ts'

async function* items(pages: AsyncIterable<readonly object[]>, indent: string): AsyncGenerator<string> {
  let separator = ''
  for await (const page of pages) {
    const lines = page.map(item => `${indent}${jsonText(item)}`)
    if (lines.length > 0) yield `${separator}\n${lines.join(',\n')}`
    separator = lines.length > 0 ? ',' : separator
  }
}

export async function* json(report: Report): AsyncGenerator<string> {
  const { from, to, position } = report
  yield `{\n  "from": ${jsonText(from)},\n  "to": ${jsonText(to)},\n  "position": ${jsonText(position)},\n  "summary": {\n`
  for (const [name, value] of Object.entries(await report.summary())) yield `    "${name}": ${jsonText(value)},\n`
  yield '    "availability": ['
  yield* items(report.availability(), '      ')
  yield '\n    ]\n  },\n  "entries": ['
  yield* items(report.entries(), '    ')
  yield `\n  ],\n  "statement": ${jsonText(await report.statement())}\n}\n`
}

export async function* jsonl({ entries }: Report): AsyncGenerator<string> {
  for await (const page of entries()) yield page.map(entry => `${jsonText(entry)}\n`).join('')
}
