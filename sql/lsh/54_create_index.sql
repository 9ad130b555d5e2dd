create or replace function lsh_internal.fill(index lsh.index, codes regclass, family lsh.family)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  if lsh_internal.is_distributed(codes) then
    perform lsh_internal.fill_shards(index, codes, family, 'true');
    return;
  end if;
  execute lsh_internal.encoding(index, codes, family.id, 'true') using family.token;
end
$$;

comment on function lsh_internal.fill(lsh.index, regclass, lsh.family) is 'Encodes all rows of a table.';

create or replace function lsh.create_index(
  relation regclass,
  "column" name,
  family text,
  name text default null,
  maintain text default 'trigger',
  probes int default null,
  candidates int default null,
  build text default 'now',
  security text default 'policies',
  key_column text default null
)
  returns text
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen lsh.family := lsh_internal.require_family(family);
  key name := lsh_internal.key_column(relation, create_index.key_column);
  wanted text := coalesce(create_index.name, (select relname from pg_class where oid = create_index.relation));
  place constant text := relation::text;
  created lsh.index;
begin
  perform lsh_internal.assert_fits(relation, "column", chosen);
  perform lsh_internal.assert_plan(1, create_index.candidates, create_index.probes, null, null);
  perform lsh_internal.assert_new_index(create_index.maintain, create_index.build, create_index.security);
  perform lsh_internal.assert_table(relation, create_index.maintain);
  perform lsh_internal.assert_averaged(relation, chosen, create_index.security);
  -- Keeps writers out between the first read of the rows and the creation of the triggers, or until loaders find the
  -- index in the registry.
  execute format('lock table %s in share row exclusive mode', place);
  -- A session that held a lock on the table may have changed it, or put a view in its place.
  if relation::text <> place or lsh_internal.key_column(relation, create_index.key_column) <> key then
    raise exception 'table "%" was changed concurrently', place
      using errcode = 'serialization_failure', hint = 'Run it again.';
  end if;
  perform lsh_internal.assert_fits(relation, "column", chosen);
  perform lsh_internal.assert_table(relation, create_index.maintain);
  -- Sessions that create an index of the same name wait for each other, so that the second one reports that the name is
  -- in use.
  perform pg_advisory_xact_lock(hashtext('pg-lsh index'), hashtext(wanted));
  perform lsh_internal.forget_dropped(wanted);
  perform lsh_internal.assert_new_name('lsh.index', wanted);
  perform lsh_internal.set_in_turn(relation);
  created.codes := lsh_internal.create_codes(relation, key, wanted, chosen.bits);
  insert into lsh.index (
    name, relation, codes, key_column, vector_column, bound, key_number, key_index, vector_number, dims, family_id, maintain, state,
    probes, candidates, measured, security)
  select
    wanted, create_index.relation, created.codes, key, create_index."column", create_index.relation, key_place.attnum,
    lsh_internal.key_index(create_index.relation, key_place.attnum), vector_place.attnum, chosen.dims, chosen.id, create_index.maintain,
    case create_index.build when 'now' then 'ready' else 'building' end, coalesce(create_index.probes, lsh_internal.default_probes(chosen)),
    coalesce(create_index.candidates, 200),
    case when num_nonnulls(create_index.probes, create_index.candidates) = 0 then array[lsh_internal.default_probes(chosen), 200] end,
    create_index.security
  from pg_attribute as key_place
    join pg_attribute as vector_place on vector_place.attrelid = key_place.attrelid
  where key_place.attrelid = create_index.relation
    and key_place.attname = key
    and vector_place.attname = create_index."column"
  returning * into created;
  execute format('comment on table %s is %L', created.codes,
    format('Codes of %s.%s by family %s', created.relation, created.vector_column, chosen.name));
  if create_index.build = 'later' then
    insert into lsh.index_progress (index_id, done, total)
    select created.id, 0, greatest(pg_class.reltuples, 0) from pg_class where oid = created.relation;
  elsif created.maintain = 'trigger' then
    perform lsh_internal.fill(created, created.codes, chosen);
  end if;
  -- Building the index after the rows are written is faster.
  if lsh_internal.is_distributed(created.relation) then
    perform lsh_internal.distribute_codes(created.codes, created.relation);
  else
    perform lsh_internal.add_bucket_index(created.codes);
  end if;
  execute format('analyze %s', created.codes);
  perform lsh_internal.guard_codes(created);
  perform lsh_internal.create_keeper(created);
  perform lsh_internal.hand_over(created);
  if created.maintain = 'trigger' then
    perform lsh_internal.add_triggers(created);
  end if;
  perform lsh_internal.keep_finder(created.id);
  if create_index.build = 'now' and created.maintain = 'trigger' then
    perform lsh_internal.set_measured(created.id);
  end if;
  perform lsh_internal.warn_of_table(created.relation, created.maintain);
  return created.name;
end
$$;

comment on function lsh.create_index(regclass, name, text, text, text, int, int, text, text, text) is
  'Creates the code table lsh_index.<name> for a vector column, fills it unless the loader does or build is "later", and returns its name.';

create or replace function lsh_internal.default_probes(family lsh.family)
  returns int
  language sql immutable parallel safe
  -- The best seventh of the buckets contains nearly all neighbours. Learned cells follow the data more closely, so
  -- fewer suffice.
  return case (family).bucket_kind
    when 'voronoi' then greatest(16, least(128, (family).bucket_count / 16))
    else greatest(8, least(256, (family).bucket_count / 7))
  end;

comment on function lsh_internal.default_probes(lsh.family) is
  'Default number of probes of an index that was not tuned.';
