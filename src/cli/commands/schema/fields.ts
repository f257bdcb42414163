import { existsSync, readFileSync } from 'node:fs'
import type { DefinitionNode, FieldDefinitionNode, InputValueDefinitionNode, TypeNode } from 'graphql'
import type { Kind } from '../../../../schemas/resources/kinds.ts'
import type { Field } from './field.ts'
import { SITE_SPEC, SITE_STATUS } from './site-fields.ts'

/** From sources and from the package. */
const SCHEMA_FILES = ['../../../../schemas/schema.graphql', '../../../../../schemas/schema.graphql']

const PARTS = ['apiVersion', 'kind', 'metadata', 'spec', 'status']
const REQUIRED = ['apiVersion', 'kind', 'metadata', 'spec']
/** The command line prints no such field. */
const OMITTED = ['laneStatus']

const SCALARS: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  DateTime: 'string',
  ID: 'string',
  Int: 'integer',
  JSON: 'map[string]string',
  String: 'string',
}

type Definitions = ReadonlyMap<string, DefinitionNode>
type FieldNode = FieldDefinitionNode | InputValueDefinitionNode

const readDefinitions = async (): Promise<Definitions> => {
  const { parse } = await import('graphql')
  const files = SCHEMA_FILES.map(file => new URL(file, import.meta.url))
  const text = readFileSync(files.find(file => existsSync(file)) ?? (files[0] as URL), 'utf8')
  const { definitions } = parse(text, { noLocation: true })
  return new Map(definitions.flatMap(each => ('name' in each && each.name ? [[each.name.value, each] as const] : [])))
}

const oneLine = (node: { readonly description?: { readonly value: string } | undefined }): string =>
  (node.description?.value ?? '').replace(/\s+/g, ' ').trim()

const namedType = (type: TypeNode): string => (type.kind === 'NamedType' ? type.name.value : namedType(type.type))

const isList = (type: TypeNode): boolean =>
  type.kind === 'ListType' || (type.kind === 'NonNullType' && type.type.kind === 'ListType')

const typeText = (type: TypeNode, isEnum: boolean): string => {
  const name = namedType(type)
  const text = isEnum ? 'string' : (SCALARS[name] ?? name.replace(/Input$/, ''))
  return isList(type) ? `[]${text}` : text
}

class Reader {
  readonly #definitions: Definitions

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  descriptionOf(type: string): string {
    return oneLine((this.#definitions.get(type) ?? {}) as Parameters<typeof oneLine>[0])
  }

  fieldsOf(type: string): Field[] {
    const definition = this.#definitions.get(type)
    if (definition?.kind !== 'ObjectTypeDefinition' && definition?.kind !== 'InputObjectTypeDefinition') return []
    return (definition.fields ?? [])
      .filter(({ name }) => !OMITTED.includes(name.value))
      .map(node => this.#field(node, definition.kind === 'InputObjectTypeDefinition'))
  }

  #field(node: FieldNode, isInput: boolean): Field {
    const type = namedType(node.type)
    const definition = this.#definitions.get(type)
    const isEnum = definition?.kind === 'EnumTypeDefinition'
    return {
      name: node.name.value,
      type: typeText(node.type, isEnum),
      isRequired: isInput && node.type.kind === 'NonNullType',
      description: oneLine(node),
      values: isEnum ? (definition.values ?? []).map(({ name }) => name.value) : [],
      fields: this.fieldsOf(type),
    }
  }
}

const metadataFields = (fields: readonly Field[]): Field[] =>
  fields.map(field => ({ ...field, isRequired: field.name === 'name' }))

const siteFields = (reader: Reader): readonly Field[] => [
  { ...SITE_SPEC, isRequired: true },
  {
    ...SITE_STATUS,
    fields: [
      ...SITE_STATUS.fields,
      {
        name: 'router',
        type: 'RouterState',
        isRequired: false,
        description: reader.descriptionOf('RouterState'),
        values: [],
        // The command line prints `state` under its older name.
        fields: reader.fieldsOf('RouterState').filter(({ name }) => name !== 'state'),
      },
    ],
  },
]

export const manifestFields = async (kind: Kind): Promise<Field> => {
  const reader = new Reader(await readDefinitions())
  const parts = reader.fieldsOf(kind).filter(({ name }) => PARTS.includes(name))
  const spec = reader.fieldsOf(`${kind}SpecInput`)
  const own = parts.map((part): Field => {
    const isRequired = REQUIRED.includes(part.name)
    if (part.name === 'metadata') return { ...part, isRequired, fields: metadataFields(part.fields) }
    return part.name === 'spec' ? { ...part, isRequired, fields: spec } : { ...part, isRequired }
  })
  const fields = kind === 'Site' ? [...own.filter(({ name }) => name !== 'spec'), ...siteFields(reader)] : own
  return { name: kind, type: kind, isRequired: true, description: reader.descriptionOf(kind), values: [], fields }
}
