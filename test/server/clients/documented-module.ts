import assert from 'node:assert/strict'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ScratchFolder, scratchFolder } from '../../support/scratch-folder.ts'
import { ROOT, read } from '../../support/tree.ts'

const DOCUMENTED_HOST = '127.0.0.1:4000'

/** The first code block of a language under a heading of docs/graphql.md. */
export const documentedBlock = (heading: string, language: string): string => {
  const [, section = ''] = read('docs/graphql.md').split(`### ${heading}\n`)
  const [, block] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section) ?? []
  assert.ok(block, `docs/graphql.md has ${language} under ${heading}`)
  return block
}

/** A scratch folder from which the packages of the project can be imported. */
export const projectFolder = async (): Promise<ScratchFolder> => {
  const folder = await scratchFolder()
  await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'))
  return folder
}

/**
 * Imports what docs/graphql.md shows under a heading.
 *
 * @param url of the engine to use instead of the documented one
 */
export const documentedModule = async (heading: string, url: string) => {
  await using folder = await projectFolder()
  const file = join(folder.path, 'documented.mts')
  await writeFile(file, documentedBlock(heading, 'ts').replaceAll(DOCUMENTED_HOST, new URL(url).host))
  return import(pathToFileURL(file).href)
}
