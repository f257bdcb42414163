import { CliError } from '../../errors.ts'

export interface Field {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
  readonly values: readonly string[]
  readonly fields: readonly Field[]
}

export const fieldAt = (whole: Field, path: readonly string[]): Field =>
  path.reduce((parent, name) => {
    const field = parent.fields.find(each => each.name === name)
    if (field !== undefined) return field
    const known = parent.fields.map(each => each.name).join(', ')
    throw new CliError(`field '${name}' does not exist: ${parent.name} has ${known || 'no fields'}`)
  }, whole)
