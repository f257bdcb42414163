import { isUrl } from './auth/is-url.ts'
import type { JwtTokens } from './auth/jwt-tokens.ts'
import type { FileReloader } from './config/file-reloader.ts'
import type { RouterSetting, Settings } from './config/load.ts'
import { expiryOf, loadTlsFiles, type TlsFiles } from './config/tls-files.ts'
import type { RouterCredentials, RouterSettings } from './router/amqp/session.ts'

const pathsOf = ({ ca, certificate, key }: TlsFiles): string[] =>
  [ca, certificate, key].filter(path => path !== undefined)

/** New connections use the files as they are then. */
export const reloadRouterFiles = (
  reloader: FileReloader,
  { tls, ...router }: RouterSetting,
): RouterSettings & { readonly namespace: string } => {
  if (tls === undefined) return router
  const { namespace } = router
  const { serverName, ...files } = tls
  let credentials: RouterCredentials = { serverName }
  const load = (): Date | undefined => {
    const texts = loadTlsFiles(`router ${namespace}: tls`, files)
    credentials = { ...texts, serverName }
    return texts.certificate === undefined ? undefined : expiryOf(texts.certificate)
  }
  reloader.watch({ labels: { use: 'router', namespace }, paths: pathsOf(files), load })
  return { ...router, tls: () => credentials }
}

type ServerTls = NonNullable<Settings['tls']>

export const reloadServerFiles = (reloader: FileReloader, files: ServerTls, use: (tls: ServerTls) => void): void => {
  const load = (): Date => {
    const texts = loadTlsFiles('tls', files)
    use(texts)
    return expiryOf(texts.certificate)
  }
  reloader.watch({ labels: { use: 'server', namespace: '' }, paths: pathsOf(files), load })
}

/** Keys at a URL are fetched again by themselves. */
export const reloadJwtKeys = (reloader: FileReloader, jwks: string, tokens: Pick<JwtTokens, 'reload'>): void => {
  if (isUrl(jwks)) return
  const load = () => {
    tokens.reload()
    return undefined
  }
  reloader.watch({ labels: { use: 'jwt', namespace: '' }, paths: [jwks], load })
}
