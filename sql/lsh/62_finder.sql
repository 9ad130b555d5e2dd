-- Functions of an index keep the statements of a search with its settings, and the statement that writes the codes of
-- rows, so that a session plans them once: planning them takes longer than running them. They run with the rights of
-- the searching role, or of the trigger, so they belong to the owner of this schema, where no other role can replace
-- them. Their names contain a hash of the names of tables and columns: after a table is renamed they are not found, and
-- the statements are planned each time.

create or replace function lsh_internal.finder_name(index lsh.index, what text)
  returns text
  language sql stable
begin atomic
  select format('%s %s %s', what, (index).id, left(encode(sha256(convert_to(concat_ws(' ',
    (index).relation, (index).codes, quote_ident((index).key_column), quote_ident((index).vector_column), (index).family_id),
    'UTF8')), 'hex'), 32));
end;

comment on function lsh_internal.finder_name(lsh.index, text) is 'Name of the function that keeps a statement of an index.';

create or replace function lsh_internal.finder(index lsh.index, what text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  named constant text := format('lsh_internal.%I', lsh_internal.finder_name(index, what));
begin
  return case when to_regproc(named) is not null then named end;
end
$$;

comment on function lsh_internal.finder(lsh.index, text) is
  'Qualified name of the function that keeps a statement of an index; null if there is none.';

create or replace function lsh_internal.kept_statements()
  returns table (index_id int, what text, made regprocedure)
  language sql stable
begin atomic
  select split_part(proname, ' ', 2)::int, split_part(proname, ' ', 1), pg_proc.oid::regprocedure
  from pg_proc
  where pronamespace = 'lsh_internal'::regnamespace
    and proname ~ '^(find|candidates|write) [0-9]+ ';
end;

comment on function lsh_internal.kept_statements() is 'Functions that keep the statements of indexes, also for earlier names of their tables.';

create or replace function lsh_internal.finders(index lsh.index)
  returns regprocedure[]
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select kept.made
    from lsh_internal.kept_statements() as kept
    where kept.index_id = (finders.index).id
      and kept.made = to_regproc(lsh_internal.finder(finders.index, kept.what))::oid);
end
$$;

comment on function lsh_internal.finders(lsh.index) is
  'Functions that keep the statements of an index for the current names of its tables: three, unless some are missing.';

create or replace function lsh_internal.finder_body(index lsh.index, declarations text, statement text)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '#variable_conflict use_column
declare
  vector_type regtype;
  key_type regtype;
  %4$s
begin
  select held.* into vector_type, key_type from (%6$s) as held;
  if (relation::text, codes::text) is distinct from (%1$L, %2$L) or not lsh_internal.are_plain_types(vector_type, key_type) then
    raise exception ''a table of index "%%" was renamed or replaced concurrently'', %3$L
      using errcode = ''serialization_failure'', hint = ''Run it again.'';
  end if;
  %5$s;
end', index.relation, index.codes, index.name, declarations, statement, lsh_internal.holding(index));
end
$$;

comment on function lsh_internal.finder_body(lsh.index, text, text) is
  'Body of a function that keeps a statement. Before it reads, it makes sure that the names and types in the statement are still those of the tables of the index.';

create or replace function lsh_internal.create_finder(index lsh.index, family lsh.family)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  plan lsh_internal.plan;
  settings constant text := 'language plpgsql %s
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_memoize = off set jit = off';
  reading constant text := format(settings, 'stable');
  left_out constant text := format('left_out constant %s[] := coalesce(array_remove($2, null), ''{}'');', lsh_internal.bare_type(index));
  candidates text;
begin
  plan.stage := 'buckets';
  plan.ranking := lsh_internal.best_ranking(family.kind);
  -- Finds as many more codes as keys are excluded.
  candidates := format('select listed.key, listed.hamming from (%s) as listed where listed.key <> all (left_out) limit $3',
    lsh_internal.candidates(index, family, plan, '$3::bigint + cardinality($2)'));
  execute format(
    'create function lsh_internal.%I(query lsh_internal.query, exclude text[], count int, relation regclass, codes regclass)
       returns table (key %s, hamming int) %s rows 100 as %L',
    lsh_internal.finder_name(index, 'candidates'), lsh_internal.bare_type(index), reading,
    lsh_internal.finder_body(index, left_out, 'return query ' || candidates));
  execute format(
    'create function lsh_internal.%I(query lsh_internal.query, exclude text[], count int, relation regclass, codes regclass, k int)
       returns table (keys text[], distances float8[], hammings int[], passed bigint) %s rows 1 as %L',
    lsh_internal.finder_name(index, 'find'), reading,
    lsh_internal.finder_body(index, left_out, 'return query ' || lsh_internal.ranked(index, candidates, '$6')));
  execute format(
    'create function lsh_internal.%I(token uuid, keys text[], relation regclass, codes regclass) returns void %s as %L',
    lsh_internal.finder_name(index, 'write'),
    -- Without these a session that begins with an empty table would keep a plan that reads all of it for each row.
    format(settings, 'volatile') || ' set enable_seqscan = off set enable_bitmapscan = off',
    lsh_internal.finder_body(index, '', lsh_internal.encoding_keys(index)));
end
$$;

comment on function lsh_internal.create_finder(lsh.index, lsh.family) is
  'Creates the functions that keep the statements of an index: for its candidates, for its nearest rows, and for the codes of rows that are written.';

create or replace function lsh_internal.keep_finder(index_id int)
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
  family lsh.family;
  kept regprocedure[];
begin
  -- Any role may call this: the result depends only on the registry and the catalogue.
  select * into index from lsh.index as registered where registered.id = keep_finder.index_id;
  select * into family from lsh.family where lsh.family.id = index.family_id;
  if family.id is null or not lsh_internal.is_fit(index) or lsh_internal.is_distributed(index) then
    return;
  end if;
  kept := lsh_internal.finders(index);
  -- An earlier version kept fewer statements. The type of the key, which they name, may have changed.
  if cardinality(kept) = 3 and (select proallargtypes[6] from pg_proc where oid = to_regproc(lsh_internal.finder(index, 'candidates')))
    = (select atttypid from pg_attribute where attrelid = index.codes and attname = 'key')
  then
    return;
  end if;
  perform lsh_internal.drop_functions(kept);
  perform lsh_internal.create_finder(index, family);
exception when duplicate_function or unique_violation then
  -- Another session has just created the same functions.
  return;
end
$$;

comment on function lsh_internal.keep_finder(int) is
  'Creates the functions that keep the statements of an index, unless they exist for the current names and key type of its tables.';

create or replace function lsh_internal.forget_finders()
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.drop_functions(array(
    select kept.made
    from lsh_internal.kept_statements() as kept
    where not exists (select from lsh.index where index.id = kept.index_id)));
end
$$;

comment on function lsh_internal.forget_finders() is 'Drops the kept statements of indexes that no longer exist.';
