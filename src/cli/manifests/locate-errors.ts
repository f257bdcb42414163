import { type ApiError, ServerError } from '../client/errors.ts'

/** @param place an empty path is the whole manifest */
export const locateErrors = ({ errors }: ServerError, place: (index: number, path: string) => string): ServerError => {
  const translate = (text: string): string =>
    text.replace(/^manifests\[(\d+)\](?:\.([^\s:]+))?/, (_, index: string, path = '') => place(Number(index), path))
  return new ServerError(
    errors.map(({ message, extensions }): ApiError => {
      const fields = extensions?.fields?.map(field => ({ ...field, path: translate(field.path) }))
      const alsoFailed = extensions?.alsoFailed?.map(translate)
      return {
        message: translate(message),
        extensions: { ...extensions, ...(fields && { fields }), ...(alsoFailed && { alsoFailed }) },
      }
    }),
  )
}
