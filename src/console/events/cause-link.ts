import { hrefOf, parameter } from '../routes/navigation.ts'
import { type PageKind, resourcePath } from '../routes/route.ts'

const NAME = 'find'
const CAUSE = 'cause'

export const causeHref = (kind: PageKind, namespace: string, name: string): string => {
  const href = hrefOf(resourcePath(kind, namespace, name))
  return `${href}${href.includes('?') ? '&' : '?'}${NAME}=${CAUSE}`
}

export const demandsCause = (): boolean => parameter(NAME) === CAUSE
