import { badUserInput } from '../errors.ts'
import { isLabelKey, isLabelValue, type TextMap } from './metadata.ts'

type Operator = 'in' | 'notin' | 'exists' | 'absent'

interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

type MatchesLabels = (labels: TextMap | undefined) => boolean

/** `a=b`, `a==b`, `a!=b` */
const EQUALITY = /^([^\s=!,()]+)\s*(==?|!=)\s*([^\s=!,()]*)$/
/** `a in (b, c)`, `a notin (b)` */
const SET = /^([^\s=!,()]+)\s+(in|notin)\s*\(([^()]*)\)$/
/** `a`, `!a` */
const EXISTENCE = /^(!?)\s*([^\s=!,()]+)$/
/** Commas between requirements, not those of sets. */
const BETWEEN = /,(?![^(]*\))/

const requirementOf = (text: string): Requirement | undefined => {
  const equality = EQUALITY.exec(text)
  if (equality !== null) {
    const [, key = '', sign, value = ''] = equality
    return { key, operator: sign === '!=' ? 'notin' : 'in', values: [value] }
  }
  const set = SET.exec(text)
  if (set !== null) {
    const [, key = '', operator, list = ''] = set
    return { key, operator: operator as Operator, values: list.split(',').map(value => value.trim()) }
  }
  const [, not, key] = EXISTENCE.exec(text) ?? []
  return key === undefined ? undefined : { key, operator: not === '!' ? 'absent' : 'exists', values: [] }
}

const isValid = ({ key, values }: Requirement): boolean => isLabelKey(key) && values.every(isLabelValue)

const isMet = ({ key, operator, values }: Requirement, labels: TextMap): boolean => {
  const isThere = Object.hasOwn(labels, key)
  switch (operator) {
    case 'exists':
      return isThere
    case 'absent':
      return !isThere
    case 'in':
      return isThere && values.includes(labels[key] as string)
    case 'notin':
      return !isThere || !values.includes(labels[key] as string)
  }
}

const NONE: TextMap = {}

/**
 * Reads a label selector of Kubernetes: `app=backend,tier in (web, api),!test`. An empty one selects everything.
 *
 * @throws HarkError BAD_USER_INPUT
 */
export const labelSelector = (text: string): MatchesLabels => {
  const parts = text.trim() === '' ? [] : text.split(BETWEEN).map(part => part.trim())
  const requirements = parts.map(part => {
    const requirement = requirementOf(part)
    if (requirement !== undefined && isValid(requirement)) return requirement
    const message = `${JSON.stringify(part)} is not a requirement: it must be like app=backend, app!=backend, app in (a,b), app notin (a,b), app or !app`
    throw badUserInput([{ path: 'labelSelector', message }])
  })
  return labels => requirements.every(requirement => isMet(requirement, labels ?? NONE))
}
