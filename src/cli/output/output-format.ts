import { InvalidArgumentError, Option } from 'commander'

const PLAIN = ['table', 'wide', 'json', 'yaml', 'name'] as const
const WITH_TEXT = ['jsonpath', 'custom-columns'] as const

export type OutputFormat =
  | { readonly format: (typeof PLAIN)[number] }
  | { readonly format: (typeof WITH_TEXT)[number]; readonly text: string }

/** kubectl also accepts `-o=json`. */
const outputFormat = (given: string): OutputFormat => {
  const text = given.replace(/^=/, '')
  const plain = PLAIN.find(each => each === text)
  if (plain !== undefined) return { format: plain }
  const format = WITH_TEXT.find(each => text.startsWith(`${each}=`))
  if (format !== undefined) return { format, text: text.slice(format.length + 1) }
  throw new InvalidArgumentError(`Allowed choices are ${PLAIN.join(', ')}, jsonpath=TEMPLATE, custom-columns=COLUMNS.`)
}

export const outputOption = (): Option =>
  new Option('-o, --output <format>', 'table, wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=TITLE:PATH,…')
    .argParser(outputFormat)
    .default({ format: 'table' } satisfies OutputFormat, 'table')
