import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import ts from 'typescript'

/** The rooms in their order: each imports `core` and rooms to its left. `cli` may import all of them. */
const rooms = ['core', 'ingest', 'encode', 'hash', 'store', 'search', 'compare', 'report', 'serve']
/** The entry points of the package. */
export const doors = ['src/index.ts', 'src/lsh.ts']
const databaseRooms = ['store', 'search', 'compare', 'serve', 'cli', 'index', 'lsh']
const reportMaySee = ['core', 'ingest', 'encode', 'hash', 'report']
const database =
  /^(pg|kysely|pgvector|pg-copy-streams|pg-cursor|node-pg-migrate|@electric-sql\/[^/]+)(\/|$)/
const longest = 220

interface Import {
  readonly specifier: string
  /** Whether the import is of types only, which loads nothing. */
  readonly typeOnly: boolean
}

/** All imports and re-exports of a source, also `import()`, `require()` and `import('…').Type`. */
export function importsOf(source: string): Import[] {
  const found: Import[] = []
  walk(parse(source), (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isExternalModuleReference(node)) add(node.expression, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true)
    } else if (ts.isCallExpression(node) && loads(node.expression)) add(node.arguments[0], false)
  })
  return found

  function add(specifier: ts.Node | undefined, typeOnly: boolean) {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, typeOnly })
    }
  }
}

/** Violations of the rules for imports by a file of `src/`: rooms, database, tfjs. */
export function wrongImports(path: string, source: string): string[] {
  const room = roomOf(path)
  return importsOf(source).flatMap(({ specifier, typeOnly }) => {
    const wrong = (reason: string) => [`${path} imports ${specifier}: ${reason}`]
    if (database.test(specifier) && !databaseRooms.includes(room)) {
      return wrong(`${room} knows no database`)
    }
    if (specifier.startsWith('@tensorflow/') && room !== 'encode') {
      return wrong('tfjs belongs to encode')
    }
    if (!specifier.startsWith('.')) return []
    const target = posix.join(posix.dirname(path), specifier)
    if (!target.startsWith('src/')) return wrong('outside of src')
    const other = roomOf(target)
    if (other === room) return []
    if (other === 'index' || (other === 'lsh' && room !== 'index'))
      return wrong('the door is for visitors')
    if (other === 'cli') return wrong('nobody imports cli')
    if (room === 'cli' || room === 'index' || room === 'lsh') return []
    if (!rooms.includes(room)) return wrong(`${room} is not a room`)
    if (rooms.indexOf(other) > rooms.indexOf(room)) return wrong(`${other} is right of ${room}`)
    if (room === 'report' && !reportMaySee.includes(other)) {
      return other === 'compare' && typeOnly ? [] : wrong('report takes only types from compare')
    }
    return []
  })
}

/** Files and packages that are loaded when a file is imported, including the file itself. */
export function loadedBy(start: string, sources: ReadonlyMap<string, string>): Set<string> {
  const graph = new Map(
    [...sources].map(([path, source]) => {
      const loaded = importsOf(source).filter(({ typeOnly }) => !typeOnly)
      return [path, new Set(loaded.map(({ specifier }) => targetOf(path, specifier)))]
    }),
  )
  return reachableFrom(graph, start).add(start)
}

/** The file of a relative import, or the name of a package. */
function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.')
    ? posix.join(posix.dirname(path), specifier).replace(/js$/, 'ts')
    : specifier
}

/** Circular imports among files, or among folders of which none contains another; each as its members. */
export function circlesOf(sources: ReadonlyMap<string, string>): {
  files: string[][]
  folders: string[][]
} {
  const files = new Map<string, Set<string>>()
  const folders = new Map<string, Set<string>>()
  for (const [path, source] of sources) {
    const folder = posix.dirname(path)
    const targets = importsOf(source)
      .map(({ specifier }) => targetOf(path, specifier))
      .filter((target) => sources.has(target))
    files.set(path, new Set(targets))
    const others = folders.get(folder) ?? new Set()
    for (const other of targets.map(posix.dirname)) if (apart(other, folder)) others.add(other)
    folders.set(folder, others)
  }
  return { files: circlesIn(files), folders: circlesIn(folders) }
}

function apart(one: string, other: string): boolean {
  return !`${one}/`.startsWith(`${other}/`) && !`${other}/`.startsWith(`${one}/`)
}

/** Sets of more than one node whose nodes all reach each other. */
function circlesIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reached = new Map([...graph.keys()].map((node) => [node, reachableFrom(graph, node)]))
  const circles = [...graph.keys()].map((node) =>
    [...(reached.get(node) ?? [])].filter((other) => reached.get(other)?.has(node)).sort(),
  )
  return [...new Map(circles.map((circle) => [circle.join(' '), circle])).values()].filter(
    (circle) => circle.length > 1,
  )
}

function reachableFrom(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string) {
  const reached = new Set<string>()
  const open = [start]
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const next of graph.get(node) ?? [])
      if (!reached.has(next)) {
        reached.add(next)
        open.push(next)
      }
  return reached
}

/** Violations of the rules for the shape of a file of `src/`: length, default exports, enums, classes, … */
export function wrongShape(path: string, source: string): string[] {
  const wrong: string[] = []
  const room = roomOf(path)
  const file = parse(source)
  const lines = source.replace(/\n$/, '').split('\n').length
  if (lines > longest) wrong.push(`${path} has ${lines} lines, more than ${longest}`)
  if (/(^|\/)utils?(\.ts$|\/)/.test(path)) wrong.push(`${path}: name it after its one concept`)
  if (!doors.includes(path) && isBarrel(path, file)) wrong.push(`${path} is a barrel`)
  walk(file, (node) => {
    if (isDefaultExport(node)) wrong.push(`${path} has a default export`)
    if (ts.isEnumDeclaration(node)) wrong.push(`${path} has the enum ${node.name.text}`)
    if (ts.isClassLike(node)) {
      const name = node.name?.text ?? 'without a name'
      if (path !== 'src/core/errors.ts' || name !== 'LshError') {
        wrong.push(`${path} has the class ${name}`)
      }
    }
    if (room !== 'cli' && ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const object = node.expression.text
      if (object === 'console' || (object === 'process' && node.name.text === 'exit')) {
        wrong.push(`${path} uses ${object}.${node.name.text}`)
      }
    }
  })
  return wrong
}

/** Paths of one machine and hosts of a package registry in any file. */
export function machineTraces(path: string, text: string): string[] {
  const traces = [
    // An absolute path, not a part of a longer path or of a URL.
    /(?<![\w.)\]}$/~-])\/(?:(?:work|root)\b(?![\w.-])|(?:tmp|home|Users)\/\w)/,
    /\bregistry\.[a-z0-9-]+\.[a-z]+|\bregistry *= *https?:|"resolved": *"https?:/i,
  ]
  return text.split('\n').flatMap((line, i) => {
    const trace = traces.map((pattern) => pattern.exec(line)?.[0]).find((found) => found)
    return trace === undefined ? [] : [`${path}:${i + 1} has ${trace}`]
  })
}

/**
 * Released migrations that have changed or are missing. `list` has lines as `sha256sum` writes them, and comments after
 * `#`.
 */
export function changedMigrations(list: string, read: (name: string) => Buffer | undefined) {
  const lines = list.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.flatMap((line) => {
    const [, hash, name] = /^([0-9a-f]{64}) [ *](\S+)$/.exec(line) ?? []
    if (name === undefined) return [`not a line of sha256sum: ${line}`]
    const content = read(name)
    if (content === undefined) return [`${name} was released and is gone`]
    const now = createHash('sha256').update(content).digest('hex')
    return now === hash ? [] : [`${name} was released and has changed`]
  })
}

/** The first folder below `src`, or the name of a file directly in `src`. */
function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.[jt]s$/, '')
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true)
}

function walk(node: ts.Node, visit: (node: ts.Node) => void) {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly)
}

function loads(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || callee.getText() === 'require'
}

/** A file that only re-exports, or that re-exports everything of another file. */
function isBarrel(path: string, file: ts.SourceFile): boolean {
  if (posix.basename(path) === 'index.ts') return true
  const passes = file.statements.filter(ts.isExportDeclaration).filter((s) => s.moduleSpecifier)
  const whole = passes.some((s) => !s.exportClause || ts.isNamespaceExport(s.exportClause))
  const rest = file.statements.filter((s) => !ts.isImportDeclaration(s)).length
  return whole || (passes.length > 0 && passes.length === rest)
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true
  if (ts.isExportSpecifier(node)) return node.name.text === 'default'
  return ts.canHaveModifiers(node) && hasDefault(ts.getModifiers(node))
}

function hasDefault(modifiers: readonly ts.Modifier[] | undefined): boolean {
  return modifiers?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false
}
