import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** The element need not be reachable with the Tab key. */
export const focusOn = (element: HTMLElement | null | undefined): void => {
  if (!element) return
  if (element.tabIndex < 0) element.tabIndex = -1
  element.focus()
}

/** Not for a panel that is part of the page from its beginning. */
export const usePanelFocus = (panel: RefObject<HTMLElement | null>, onClose: () => void): void =>
  useEffect(() => {
    const opener = document.activeElement
    const element = panel.current
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return
      onClose()
    }
    document.addEventListener('keydown', onKey)
    if (opener !== document.body) focusOn(element)
    return () => {
      document.removeEventListener('keydown', onKey)
      const focused = document.activeElement
      if (focused !== document.body && !element?.contains(focused)) return
      focusOn(opener instanceof HTMLElement && opener.isConnected ? opener : document.getElementById('main'))
    }
  }, [])
