import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/time-bar.css'
import './styles/lanes.css'
import './styles/panel.css'
import './styles/data.css'
import './styles/network.css'
import { followColourScheme } from './components/palette.ts'
import { followLinks } from './routes/navigation.ts'
import { App } from './shell/app.tsx'
import { followClock } from './time/clock.ts'
import { followKeys } from './timebar/keyboard.ts'

const root = document.getElementById('console')
if (root !== null) {
  followClock()
  followLinks()
  followKeys()
  followColourScheme()
  render(<App />, root)
}
