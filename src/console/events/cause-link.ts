import { hrefOf, parameter } from '../routes/navigation.ts'
import { resourcePath } from '../routes/route.ts'

const NAME = 'find'
const CAUSE = 'cause'

export const causeHref = (namespace: string, name: string): string => {
  const href = hrefOf(resourcePath('Listener', namespace, name))
  return `${href}${href.includes('?') ? '&' : '?'}${NAME}=${CAUSE}`
}

export const demandsCause = (): boolean => parameter(NAME) === CAUSE
