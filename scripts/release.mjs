// npm run release: builds what a release consists of into release/, and tries it in an empty project.
//
//   --trial  accepts a CHANGELOG whose changes are still headed "Unreleased"
//
// release/pg-lsh-VERSION.tgz   for npm
// release/pg_lsh-VERSION/      the extension: scripts, Makefile, META.json, licence
// release/pg_lsh.tle.sql       the same for pg_tle
// release/sbom.cdx.json        all components of the package, in the form of CycloneDX
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { extensionFiles } from './extension/files.mjs'
import { packageJson, read, releases, root } from './extension/sources.mjs'

const PUBLINT = 'publint@0.3.25'
const TYPES = '@arethetypeswrong/cli@0.18.5'

const { values } = parseArgs({ options: { trial: { type: 'boolean', default: false } } })
const { name, version, devDependencies } = packageJson()
const target = join(root, 'release')

/** What somebody writes first: a table, an index, a search. */
const PROGRAM = `import { nearest, openDatabase, vector, type Vector } from 'pg-lsh'
import * as lsh from 'pg-lsh/lsh'
import { sql } from 'kysely'

interface Tables {
  document: { id: number; embedding: Vector<3> }
}

const db = await openDatabase<Tables>({ dataDir: 'db' })
await sql\`create table document (id int primary key, embedding vector(3))\`.execute(db)
await sql\`insert into document select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 100) as i\`.execute(db)
await sql\`select lsh.create_family('f', 'document', 'embedding', bits => 64)\`.execute(db)
await sql\`select lsh.create_index('document', 'embedding', 'f')\`.execute(db)
const found = await nearest(db, 'document', { to: vector([1, 2, 3]), k: 3 }).execute()
console.log(lsh.nearest === nearest ? found.length : 0)
await db.destroy()
`

agree()
step('build', 'npm', ['run', '--silent', 'build'])
step('build the extension', 'npm', ['run', '--silent', 'build:extension'])
rmSync(target, { recursive: true, force: true })
const extension = join(target, `pg_lsh-${version}`)
mkdirSync(extension, { recursive: true })
cpSync(join(root, 'dist/extension'), extension, { recursive: true })
cpSync(join(extension, 'pg_lsh.tle.sql'), join(target, 'pg_lsh.tle.sql'))
rmSync(join(extension, 'pg_lsh.tle.sql'))
cpSync(join(root, 'LICENSE'), join(extension, 'LICENSE'))
cpSync(join(root, 'docs/extension.md'), join(extension, 'README.md'))
step('pack', 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', target])
const tarball = join(target, `${name}-${version}.tgz`)
writeFileSync(
  join(target, 'sbom.cdx.json'),
  step('list the components', 'npm', ['run', '--silent', 'sbom']),
)
step('publint', 'npx', ['--yes', PUBLINT, '--strict', tarball])
step('are the types wrong', 'npx', ['--yes', TYPES, tarball, '--profile', 'esm-only'])
step('publish, dry', 'npm', ['publish', '--dry-run', '--ignore-scripts', tarball])
tryOut()
console.log(`release ${version} is in ${target}`)

/** Ends the run with what is wrong, and what to do. */
function fail(problem, hint) {
  console.error(`error: ${problem}\nhint: ${hint}`)
  process.exit(1)
}

/** README, CHANGELOG, package-lock and the frozen scripts speak of the same version. */
function agree() {
  const lock = JSON.parse(read('package-lock.json'))
  if (lock.version !== version || lock.packages[''].version !== version)
    fail(
      `package-lock.json is of ${lock.version}, package.json of ${version}`,
      'Run "npm install".',
    )
  const heading = /^## (.+)$/m.exec(read('CHANGELOG.md'))?.[1] ?? 'nothing'
  if (!heading.startsWith(`${version} (`) && !(values.trial && heading === 'Unreleased'))
    fail(
      `CHANGELOG.md begins with "${heading}"`,
      `Head the changes "## ${version} (date)", or try with --trial.`,
    )
  if (!new RegExp(`^version: ${version}$`, 'm').test(read('CITATION.cff')))
    fail('CITATION.cff is of another version', `This is ${version}: correct it.`)
  const other = [
    ...read('README.md').matchAll(/pg[-_]lsh(?:@|-| )v?(\d+\.\d+\.\d+)(?![.\d])/g),
  ].find(([, one]) => one !== version)
  if (other) fail(`README.md speaks of ${other[0]}`, `This is ${version}: correct it.`)
  if (releases().at(-1)?.version !== version)
    fail(
      `migrations/releases.json does not end with ${version}`,
      'Add it, with the migrations that it has.',
    )
  const script = `pg_lsh--${version}.sql`
  const frozen = gunzipSync(
    readFileSync(join(root, `test/sql/extension/releases/${version}/${script}.gz`)),
  )
  if (frozen.toString() !== extensionFiles()[script])
    fail(
      `the SQL is not that which is kept of ${version}`,
      'Run "npm run freeze", and commit what it writes.',
    )
}

function step(what, command, args, options = {}) {
  console.log(`== ${what}`)
  try {
    return execFileSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    })
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`)
    return fail(
      `"${[command, ...args].join(' ')}" failed`,
      'Correct what it says, and run this again.',
    )
  }
}

/** Installs the tarball in an empty project, compiles against it both ways, and runs what README shows first. */
function tryOut() {
  const project = mkdtempSync(join(tmpdir(), 'pg-lsh-release-'))
  const inProject = { cwd: project }
  const { typescript } = devDependencies
  try {
    writeFileSync(
      join(project, 'package.json'),
      '{ "name": "empty", "private": true, "type": "module" }\n',
    )
    step(
      'install in an empty project',
      'npm',
      ['install', '--silent', tarball, `typescript@${typescript}`, 'kysely@0.28', '@types/node@20'],
      inProject,
    )
    writeFileSync(join(project, 'app.ts'), PROGRAM)
    for (const [module, moduleResolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ])
      step(
        `compile, ${moduleResolution}`,
        'npx',
        [
          'tsc',
          '--strict',
          '--target',
          'es2022',
          '--skipLibCheck',
          '--types',
          'node',
          '--module',
          module,
          '--moduleResolution',
          moduleResolution,
          'app.ts',
        ],
        inProject,
      )
    step('migrate', 'npx', ['pg-lsh', 'migrate', '--db', 'db'], inProject)
    const found = step('run', 'node', ['app.js'], inProject).trim()
    if (found !== '3')
      fail(`the program found ${found}, not 3 neighbours`, 'Run it by hand in an empty project.')
    writeFileSync(
      join(project, 'old.cjs'),
      `import('${name}').then((lsh) => console.log(typeof lsh.openDatabase))\n`,
    )
    if (step('import from CommonJS', 'node', ['old.cjs'], inProject).trim() !== 'function')
      fail('CommonJS does not get the package by import()', 'Look at "exports" of package.json.')
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}
