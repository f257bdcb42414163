import { useRef } from 'preact/hooks'
import { isTokenRequired, signIn, token } from '../api/session.ts'
import { navigate, route } from '../routes/navigation.ts'

export const LoginPage = () => {
  const field = useRef<HTMLInputElement>(null)
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    const value = field.current?.value.trim() ?? ''
    if (value === '') return
    signIn(value)
    if (route.peek().page === 'login') navigate('/')
  }
  const isRejected = isTokenRequired.value && token.value !== undefined
  return (
    <main class="page" id="main">
      <form class="login" onSubmit={onSubmit}>
        <h1>Sign in to Hark</h1>
        <p class="soft">
          An administrator creates a token with <code>hark token create</code>. It is kept until this tab is closed.
        </p>
        {isRejected && (
          <p class="notice" role="alert">
            The token was rejected: it is unknown, revoked or expired.
          </p>
        )}
        <label>
          Token
          <input ref={field} type="password" autocomplete="off" spellcheck={false} required />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  )
}
