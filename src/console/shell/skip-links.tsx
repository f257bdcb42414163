import { focusOn } from '../components/focus.ts'

const TARGETS = [
  ['main', 'Skip to the content'],
  ['time', 'Skip to the time'],
] as const

/** For people who use the keyboard; shown while one of them has the focus. */
export const SkipLinks = () => (
  <>
    {TARGETS.map(([id, words]) => (
      <a
        key={id}
        class="skip button"
        href={`#${id}`}
        onClick={event => {
          event.preventDefault()
          const target = document.getElementById(id)
          focusOn(target?.querySelector<HTMLElement>(':scope [role=slider]') ?? target)
        }}
      >
        {words}
      </a>
    ))}
  </>
)
