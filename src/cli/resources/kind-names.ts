import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'

/** As in Skupper, where it has some. */
export const SHORT_NAMES: Readonly<Record<Kind, string>> = {
  Listener: 'lnr',
  Connector: 'cnr',
  MultiKeyListener: 'mkl',
  Site: 'st',
}

const KIND_BY_NAME = new Map(
  KINDS.flatMap(kind => {
    const singular = kind.toLowerCase()
    return [singular, `${singular}s`, SHORT_NAMES[kind]].map(word => [word, kind] as const)
  }),
)

/** `listener`, `Listeners` or `lnr` */
export const kindByName = (word: string): Kind | undefined => KIND_BY_NAME.get(word.toLowerCase())

/** Other words stay as they are. */
export const commandName = (word: string): string => kindByName(word)?.toLowerCase() ?? word
