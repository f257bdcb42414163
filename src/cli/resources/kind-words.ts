import { KINDS, type Kind } from '../../../schemas/resources/kinds.ts'

/** As in Skupper, where it has some. */
const SHORT_NAMES: Readonly<Record<Kind, string>> = {
  Listener: 'lnr',
  Connector: 'cnr',
  MultiKeyListener: 'mkl',
  Site: 'st',
}

const KIND_BY_WORD = new Map(
  KINDS.flatMap(kind => {
    const singular = kind.toLowerCase()
    return [singular, `${singular}s`, SHORT_NAMES[kind]].map(word => [word, kind] as const)
  }),
)

/** `listener`, `Listeners` or `lnr` */
export const kindOfWord = (word: string): Kind | undefined => KIND_BY_WORD.get(word.toLowerCase())

/** The word for a kind in names of commands; another word stays as it is. */
export const commandWord = (word: string): string => kindOfWord(word)?.toLowerCase() ?? word
