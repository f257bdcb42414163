import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { codegen } from '@graphql-codegen/core'
import { buildSchema, type GraphQLField, isRequiredArgument, parse } from 'graphql'
import { ROOT, read } from '../../support/tree.ts'
import { documentedBlock, documentedModule, projectFolder } from './documented-module.ts'

const require = createRequire(import.meta.url)
const run = promisify(execFile)
const SDL = read('schemas/schema.graphql')
const schema = buildSchema(SDL)

describe('the client preset of GraphQL Code Generator as documented', () => {
  it('generates types that compile', async () => {
    const { default: documented } = await documentedModule('GraphQL Code Generator', 'http://127.0.0.1:1')
    const [[output, { preset }]] = Object.entries(documented.generates) as [[string, { preset: string }]]
    const { preset: client } = require(`@graphql-codegen/${preset}-preset`)
    const query = `query Names($at: Moment) { listeners(at: $at) {
      edges { cursor node { metadata { creationTimestamp } spec { settings } } }
    } }`
    await using folder = await projectFolder()
    const target = join(folder.path, output)
    const sections = await client.buildGeneratesSection({
      baseOutputDir: `${target}/`,
      schema: parse(SDL),
      schemaAst: schema,
      documents: [{ location: 'src/names.ts', document: parse(query), rawSDL: query }],
      config: documented.config,
      presetConfig: {},
      plugins: [],
      pluginMap: {},
    })
    await mkdir(target, { recursive: true })
    for (const section of sections) await writeFile(section.filename, await codegen(section))
    await writeFile(
      join(folder.path, 'use.ts'),
      `import type { NamesQuery, NamesQueryVariables } from './${output}graphql.ts'
      type Node = NamesQuery['listeners']['edges'][number]['node']
      type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
      export const time: Same<Node['metadata']['creationTimestamp'], string> = true
      export const settings: Same<Node['spec']['settings'], unknown> = true
      export const variables: NamesQueryVariables = { at: { position: '0000000000000001' } }\n`,
    )
    const compilerOptions = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: 'nodenext' }
    const tsconfig = { compilerOptions: { ...compilerOptions, allowImportingTsExtensions: true }, files: ['use.ts'] }
    await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(tsconfig))
    await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }')
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [compiler, '-p', folder.path]).catch(({ stdout }) => assert.fail(stdout))
  })
})

/** A fragment that pages a field of Query as Relay does. */
const pagingFragment = ({ name, args }: GraphQLField<unknown, unknown>): string => {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const given = args.filter(arg => arg.name === 'after' || isRequiredArgument(arg))
  const definitions = given.map(arg => `${arg.name}: { type: "${arg.type}" }`)
  const passed = given.map(arg => `${arg.name}: $${arg.name}`)
  return `fragment Pages_${name} on Query
  @refetchable(queryName: "Pages${title}PaginationQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, ${definitions.join(', ')}) {
    ${name}(first: $first, ${passed.join(', ')}) @connection(key: "Pages_${name}") { edges { node { __typename } } }
  }`
}

describe('relay-compiler as documented', () => {
  it('compiles pages of every connection, and refetchable fragments of every node', async () => {
    const pages = Object.values(schema.getQueryType()?.getFields() ?? {})
      .filter(({ type, args }) => /Connection!$/.test(String(type)) && args.some(({ name }) => name === 'after'))
      .map(pagingFragment)
    assert.ok(pages.length >= 5)
    const node = schema.getType('Node') ?? assert.fail()
    const nodes = schema.getPossibleTypes(node as never).map(
      ({ name }) => `fragment Pages_${name}Node on ${name} @refetchable(queryName: "Pages${name}RefetchQuery") {
        metadata { name creationTimestamp }
      }`,
    )
    await using folder = await projectFolder()
    const config = documentedBlock('Relay', 'json')
    await mkdir(join(folder.path, 'src'))
    await writeFile(join(folder.path, 'relay.config.json'), config)
    await writeFile(join(folder.path, JSON.parse(config).schema), SDL)
    const texts = [...pages, ...nodes].map(text => `graphql\`${text}\`\n`).join('')
    await writeFile(join(folder.path, 'src/Pages.ts'), `import { graphql } from 'relay-runtime'\n${texts}`)
    const compiler: string = require('relay-compiler')
    await run(compiler, ['relay.config.json'], { cwd: folder.path }).catch(({ stdout, stderr }) =>
      assert.fail(`${stdout}${stderr}`),
    )
    const artifact = join(folder.path, 'src/__generated__/Pages_ListenerNode.graphql.ts')
    assert.match(await readFile(artifact, 'utf8'), /readonly creationTimestamp: string;/)
  })
})
