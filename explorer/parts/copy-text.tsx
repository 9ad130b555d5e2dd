import { useState } from 'preact/hooks'
import { Tabs } from './fields.js'

/** The statements for what the page shows, to copy. */
export function CopyText({ sql, typescript }: { sql: string; typescript: string }) {
  const [language, setLanguage] = useState('SQL')
  const [said, setSaid] = useState('')
  const text = language === 'SQL' ? sql : typescript
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('copied'),
      () => setSaid('the browser does not allow it; select the text and copy it'),
    )
    setTimeout(() => setSaid(''), 4000)
  }
  return (
    <section class="code" aria-label="The same in SQL and TypeScript">
      <div class="row">
        <Tabs
          label="Language"
          value={language}
          options={[
            ['SQL', 'SQL'],
            ['TypeScript', 'TypeScript'],
          ]}
          onChange={setLanguage}
        />
        <button type="button" onClick={copy}>
          Copy
        </button>
        <span class="soft" role="status">
          {said}
        </span>
      </div>
      <pre tabIndex={0} aria-label={language}>
        {text}
      </pre>
    </section>
  )
}
