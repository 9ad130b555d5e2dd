/**
 * Plants functions and operators that have the names used by the extension's functions but better matching argument
 * types, as an attacker could in a schema with the right to create. Each call is recorded in `public.planted_call`.
 */
import { rowsOf, type Asked } from '../asking.js'

/** Types of arguments in our functions and of columns of user tables. */
const TYPES = [
  'int',
  'bigint',
  'text',
  'varchar',
  'name',
  'real',
  'float8',
  'boolean',
  'bit',
  'varbit',
  'regclass',
  'uuid',
  'jsonb',
  'public.vector',
  'public.halfvec',
  'int[]',
  'text[]',
  'float8[]',
  'public.vector[]',
]

/** Functions and operators of PostgreSQL and pgvector that the bodies of our functions use. */
export async function usedNames(
  asked: Asked,
): Promise<{ functions: string[]; operators: string[] }> {
  const rows = await rowsOf<{ text: string }>(
    asked,
    `select pg_get_functiondef(oid) as text
     from pg_proc
     where pronamespace in ('lsh'::regnamespace, 'lsh_internal'::regnamespace, 'cbir'::regnamespace)
       and prokind in ('f', 'p')
     union all
     select pg_get_viewdef(oid) from pg_class where relnamespace = 'cbir'::regnamespace and relkind = 'v'
     union all
     select coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), '') from pg_policy`,
  )
  const text = rows.map((row) => row.text).join('\n')
  const called = new Set([...text.matchAll(/([a-z_][a-z0-9_]*) ?\(/g)].map(([, name]) => name))
  const signs = new Set([...text.matchAll(/[-+*/<>=~!@#%^&|`?]+/g)].map(([sign]) => sign))
  const known = await rowsOf<{ name: string; operator: boolean }>(
    asked,
    `select distinct proname::text as name, false as operator
     from pg_proc
       left join pg_depend on pg_depend.objid = pg_proc.oid and pg_depend.deptype = 'e'
     where pronamespace = 'pg_catalog'::regnamespace or pg_depend.refobjid is not null
     union
     select oprname, true from pg_operator where oprleft <> 0`,
  )
  return {
    functions: known.filter(({ name, operator }) => !operator && called.has(name)).map(nameOf),
    operators: known.filter(({ name, operator }) => operator && signs.has(name)).map(nameOf),
  }
}

function nameOf({ name }: { name: string }): string {
  return name
}

/** Plants functions and operators in a schema; returns their number. */
export async function plantIn(
  asked: Asked,
  schema: string,
  names: { functions: readonly string[]; operators: readonly string[] },
): Promise<number> {
  const pairs = TYPES.flatMap((left) => TYPES.map((right) => [left, right]))
  const signatures = [[], ...TYPES.map((type) => [type]), ...pairs, ...TYPES.map(thrice)]
  const [planted] = await rowsOf<{ count: number }>(
    asked,
    `select planting.plant($1, $2::text[], $3::text[], $4::text[]) as count`,
    [schema, names.functions, names.operators, signatures.map((types) => types.join(', '))],
  )
  return planted?.count ?? 0
}

function thrice(type: string): string[] {
  return [type, type, type]
}

/** Creates the function that plants, and the one that records calls. */
export async function preparePlanting(asked: Asked): Promise<void> {
  for (const text of [
    'create schema planting',
    'create table public.planted_call (what text, by name default current_user)',
    'grant insert on public.planted_call to public',
    `create function planting.plant(place text, functions text[], operators text[], signatures text[]) returns int
     language plpgsql set check_function_bodies = off set search_path = pg_catalog as $plant$
     declare
       wanted text;
       signature text;
       made int := 0;
     begin
       foreach signature in array signatures loop
         foreach wanted in array functions loop
           begin
             execute format(
               'create function %1$I.%2$I(%3$s) returns %4$s language plpgsql as %5$L', place, wanted, signature,
               case when wanted in ('exists', 'pg_has_role', 'has_table_privilege') then 'boolean' else 'text' end,
               format('begin insert into public.planted_call values (%L); return null; end', wanted || '(' || signature || ')'));
             made := made + 1;
           exception when duplicate_function or invalid_function_definition then null;
           end;
         end loop;
         continue when signature !~ '^[^,]+, [^,]+$';
         foreach wanted in array operators loop
           begin
             execute format('create function %1$I.%2$I(%3$s) returns boolean language plpgsql as %4$L', place, 'op ' || wanted, signature,
               format('begin insert into public.planted_call values (%L); return null; end', wanted || ' (' || signature || ')'));
             execute format('create operator %1$I.%2$s (leftarg = %3$s, rightarg = %4$s, function = %1$I.%5$I)', place, wanted,
               split_part(signature, ', ', 1), split_part(signature, ', ', 2), 'op ' || wanted);
             made := made + 1;
           exception when duplicate_function or syntax_error or invalid_function_definition or invalid_parameter_value or wrong_object_type then null;
           end;
         end loop;
       end loop;
       return made;
     end $plant$`,
  ])
    await rowsOf(asked, text)
}
