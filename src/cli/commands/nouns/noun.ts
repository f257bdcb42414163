import type { Command } from 'commander'
import { isConditioned } from '../../resources/kinds.ts'
import { plural, type ResourceKind, singular } from '../../resources/resource.ts'
import { defineCreate } from '../create.ts'
import { defineDelete } from '../delete.ts'
import { defineGenerate } from '../generate.ts'
import { defineStatus } from '../get.ts'
import { defineUpdate } from '../update.ts'
import { defineSiteCreate, defineSiteGenerate } from './site.ts'
import { defineSiteRename } from './site-rename.ts'
import { defineSiteUpdate } from './site-update.ts'

/** `hark listener create`, as in Skupper, for `hark create listener`. */
export const addNoun =
  (kind: ResourceKind) =>
  (program: Command): void => {
    const noun = program
      .command(singular(kind))
      .summary(`create, update, show, delete or generate ${plural(kind)}`)
      .description(`Commands for ${plural(kind)}, in the order of words of the command skupper.`)
      .helpCommand(false)
    defineDelete(noun.command('delete'), kind)
    if (isConditioned(kind)) {
      defineCreate(noun.command('create'), kind)
      defineUpdate(noun.command('update'), kind)
      defineGenerate(noun.command('generate'), kind)
    } else {
      defineSiteCreate(noun.command('create'), kind)
      defineSiteUpdate(noun.command('update'), kind)
      defineSiteRename(noun.command('rename'), kind)
      defineSiteGenerate(noun.command('generate'), kind)
    }
    defineStatus(noun.command('status'), kind)
  }
