import { type Command, Option } from 'commander'
import { API_VERSION, KINDS, type Kind } from '../../../../schemas/resources/kinds.ts'
import { examplesText } from '../../options.ts'
import { print } from '../../output/print.ts'
import { type Column, Table } from '../../output/table.ts'
import { SHORT_NAMES } from '../../resources/kind-names.ts'

interface Options {
  readonly output: 'table' | 'wide' | 'name'
  readonly headers: boolean
}

const pluralOf = (kind: Kind): string => `${kind.toLowerCase()}s`

const COLUMNS: readonly Column<Kind>[] = [
  { title: 'NAME', value: pluralOf },
  { title: 'SHORTNAMES', value: kind => SHORT_NAMES[kind] },
  { title: 'APIVERSION', value: () => API_VERSION },
  { title: 'NAMESPACED', value: () => true },
  { title: 'KIND', value: kind => kind },
]

const VERBS: Column<Kind> = { title: 'VERBS', value: () => 'create,delete,get,list,patch,update,watch' }

export const addApiResources = (program: Command): void => {
  program
    .command('api-resources')
    .summary('list the kinds of resources')
    .description('Lists the kinds of resources with their short names. It needs no engine.')
    .addOption(
      new Option('-o, --output <format>', 'the output format').choices(['table', 'wide', 'name']).default('table'),
    )
    .option('--no-headers', 'print the table without titles')
    .addHelpText('after', examplesText(['hark api-resources', 'hark api-resources -o name']))
    .action(({ output, headers }: Options) => {
      const [group] = API_VERSION.split('/')
      const columns = output === 'wide' ? [...COLUMNS, VERBS] : COLUMNS
      const lines =
        output === 'name'
          ? KINDS.map(kind => `${pluralOf(kind)}.${group}`)
          : new Table(columns, { titles: headers }).lines(KINDS)
      for (const line of lines) print(line)
    })
}
