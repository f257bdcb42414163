import { type Command, Help } from 'commander'
import { API_VERSION } from '../../../../schemas/resources/kinds.ts'
import { usageError } from '../../errors.ts'
import { examplesText } from '../../options.ts'
import { print } from '../../output/print.ts'
import { KINDS } from '../../resources/kinds.ts'
import { selectionOf } from '../../resources/selection.ts'
import { type Field, fieldAt } from './field.ts'

interface Options {
  readonly recursive?: true
}

const WIDTH = 80

export const addExplain = (program: Command): void => {
  program
    .command('explain')
    .summary('describe the fields of a kind')
    .description('Describes a kind, or a field of its manifests, with the fields that it has. It needs no engine.')
    .argument('<field>', 'a kind, or a field of it: listener, or listener.spec.port')
    .option('--recursive', 'print the fields of fields, without descriptions')
    .addHelpText(
      'after',
      examplesText(['hark explain listener', 'hark explain listener.spec', 'hark explain mkl --recursive']),
    )
    .action(explain)
}

const wrapped = (text: string, indent: number): string[] =>
  new Help()
    .boxWrap(text, WIDTH - indent)
    .split('\n')
    .map(line => `${' '.repeat(indent)}${line}`)

const titleOf = ({ name, type, isRequired }: Field): string => `${name}\t<${type}>${isRequired ? ' -required-' : ''}`

const valuesLine = (values: readonly string[], indent: number): string[] =>
  values.length === 0 ? [] : [`${' '.repeat(indent)}enum: ${values.join(', ')}`]

const described = (field: Field): string[] => [
  `  ${titleOf(field)}`,
  ...valuesLine(field.values, 2),
  ...wrapped(field.description, 4),
  '',
]

const nested = (fields: readonly Field[], indent = 2): string[] =>
  fields.flatMap(field => [`${' '.repeat(indent)}${titleOf(field)}`, ...nested(field.fields, indent + 2)])

const explain = async (text: string, { recursive }: Options): Promise<void> => {
  const [word = '', ...path] = text.split('.')
  const [selected, another] = selectionOf([word], KINDS)
  if (selected === undefined || another !== undefined) throw usageError('takes one kind')
  const { manifestFields } = await import('./fields.ts')
  const whole = await manifestFields(selected.kind.kind)
  const field = fieldAt(whole, path)
  const [group, version] = API_VERSION.split('/')
  const lines = [
    `GROUP:      ${group}`,
    `KIND:       ${whole.name}`,
    `VERSION:    ${version}`,
    '',
    ...(path.length === 0 ? [] : [`FIELD: ${field.name} <${field.type}>`, ...valuesLine(field.values, 0), '']),
    'DESCRIPTION:',
    ...wrapped(field.description, 4),
    '',
    ...(field.fields.length === 0
      ? []
      : ['FIELDS:', ...(recursive ? nested(field.fields) : field.fields.flatMap(described))]),
  ]
  while (lines.at(-1) === '') lines.pop()
  for (const line of lines) print(line)
}
