import { useState } from 'preact/hooks'
import { useAddress } from './address.js'
import { EvaluationPage } from './evaluation/evaluation-page.js'
import { MapPage } from './map/map-page.js'
import { Empty } from './parts/state.js'
import { Link } from './parts/link.js'
import { PlanPage } from './plan/plan-page.js'
import { PlansPage } from './plan/plans-page.js'
import { SearchPage } from './search/search-page.js'

const PAGES = [
  ['/', 'Search', SearchPage],
  ['/plans', 'Plans', PlansPage],
  ['/map', 'Map', MapPage],
  ['/evaluation', 'Evaluation', EvaluationPage],
] as const

/** Header, and the page of the current address. */
export function App() {
  const { path } = useAddress()
  const Page = path === '/plan' ? PlanPage : PAGES.find(([own]) => own === path)?.[2]
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <strong class="brand">
          <img src="/icon.svg" alt="" width={22} height={22} /> pg-lsh explorer
        </strong>
        <nav aria-label="Pages">
          {PAGES.map(([to, name]) => (
            <Link key={to} to={to} current={to === path || (to === '/plans' && path === '/plan')}>
              {name}
            </Link>
          ))}
        </nav>
        <ThemeButton />
      </header>
      <main id="main">
        {Page ? (
          <Page />
        ) : (
          <Empty title="There is no such page">
            <Link to="/">Search</Link>
          </Empty>
        )}
      </main>
    </>
  )
}

const THEMES = ['system', 'light', 'dark'] as const

/** Chooses a light or dark theme; the default is that of the system. */
function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem('theme') ?? 'system')
  document.documentElement.dataset.theme = theme
  const next = THEMES[(THEMES.indexOf(theme as 'dark') + 1) % THEMES.length] ?? 'system'
  const turn = () => {
    localStorage.setItem('theme', next)
    setTheme(next)
  }
  return (
    <button type="button" class="quiet" onClick={turn} title={`Next: ${next}`}>
      Colours: {theme}
    </button>
  )
}
