import type { Command } from 'commander'
import { clientOf } from '../../client/client.ts'
import { RenameSiteDocument } from '../../client/generated.ts'
import { examplesText, type NamespaceOption, type ServerOption, withNamespace, withServer } from '../../options.ts'
import { print } from '../../output/print.ts'
import { BY_KIND } from '../../resources/kinds.ts'
import { type ResourceKind, resourceName, singular } from '../../resources/resource.ts'

const HELP = `
The site keeps its uid, its labels and its history, and its old name is free again. A router that runs keeps the name that
it was started with.
`

export const defineSiteRename = (command: Command, kind: ResourceKind): void => {
  command
    .summary(`rename a ${singular(kind)}`)
    .description(`Gives a ${singular(kind)} another name.`)
    .argument('<name>', `the name of the ${singular(kind)}`)
    .argument('<new-name>', 'its new name')
    .addHelpText(
      'after',
      HELP + examplesText([`hark ${command.parent?.name()} ${command.name()} west west-1 -n hello-world-west`]),
    )
    .action((name: string, newName: string, options: ServerOption & NamespaceOption) =>
      rename(kind, name, newName, options),
    )
  withServer(withNamespace(command))
}

/** The names of other resources are the keys of their histories. */
export const addRename = (program: Command): void => {
  const rename = program
    .command('rename')
    .summary('rename a site')
    .description('Gives a site another name. Other resources keep their names.')
    .helpCommand(false)
  defineSiteRename(rename.command(singular(BY_KIND.Site)), BY_KIND.Site)
}

const rename = async (
  { kind }: ResourceKind,
  name: string,
  newName: string,
  options: ServerOption & NamespaceOption,
): Promise<void> => {
  const { namespace } = options
  await clientOf(options).request(RenameSiteDocument, { input: { namespace, name, newName } })
  print(`${resourceName(kind, name)} ${name === newName ? 'unchanged' : `renamed to ${newName}`}`)
}
