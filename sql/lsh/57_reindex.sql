create or replace function lsh_internal.lock_soon(relation regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  -- A lock request that waits blocks all later ones. So it waits only for a moment, and is repeated later.
  patience constant interval := '1 minute';
  began constant timestamptz := clock_timestamp();
  before constant text := current_setting('lock_timeout');
begin
  loop
    begin
      perform set_config('lock_timeout', '200ms', true);
      execute format('lock table %s in access exclusive mode', relation);
      perform set_config('lock_timeout', before, true);
      return;
    exception when lock_not_available then
      if clock_timestamp() > began + patience then
        raise exception 'table "%" is in use by process %', relation, (
            select string_agg(distinct pid::text, ', ') from pg_locks
            where locktype = 'relation' and pg_locks.relation = lock_soon.relation and granted and pid <> pg_backend_pid())
          using errcode = 'lock_not_available',
                hint = 'Nothing was changed. Try again when that transaction has ended, or end it: "select pg_terminate_backend(...)".';
      end if;
    end;
    perform pg_sleep(0.3);
  end loop;
end
$$;

comment on function lsh_internal.lock_soon(regclass) is
  'Acquires an access exclusive lock without blocking other sessions for more than a moment. Raises an error after a minute of attempts.';

create or replace function lsh_internal.switch_codes(index lsh.index, family lsh.family, new regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  old constant regclass := index.codes;
  table_name constant name := (select relname from pg_class where oid = old);
  added name[];
  views jsonb;
  view text;
  before lsh.family := lsh_internal.family_of(index);
begin
  -- The indexes of the old table are copied with the rights of the caller, so that table must not contain code of its
  -- owner.
  perform lsh_internal.lock_codes(index);
  perform lsh_internal.assert_carried(old);
  perform lsh_internal.copy_settings(old, new);
  perform lsh_internal.give_grants(new, lsh_internal.grants_on(old));
  perform lsh_internal.copy_publications(old, new);
  added := lsh_internal.copy_indexes(old, new);
  execute format('analyze %s', new);
  -- All slow steps are done. From here on searches wait until the transaction ends.
  perform lsh_internal.lock_soon(old);
  views := lsh_internal.described_views(old);
  for view in
    select element ->> 'name' from jsonb_array_elements(views) with ordinality as described (element, place) order by place desc
  loop
    execute format('drop view %s', view);
  end loop;
  update lsh.index as registered
  set codes = new, family_id = family.id, state = 'ready',
    -- Settings that were measured with the old family do not hold for the new one.
    probes = case when index.settings = 'measured' then lsh_internal.default_probes(family) else index.probes end,
    measured = case when index.settings = 'measured' then array[lsh_internal.default_probes(family), index.candidates] end
  where registered.id = index.id
  returning registered.* into index;
  execute format('drop table %s', old);
  execute format('alter table %s rename to %I', new, table_name);
  for i in 1 .. cardinality(added) loop
    execute format('alter index lsh_index.%I rename to %I', format('%s %s', i, new::oid), added[i]);
  end loop;
  perform lsh_internal.create_views(views);
  perform lsh_internal.guard_codes(index);
  perform lsh_internal.hand_over(index);
  perform lsh_internal.keep_finder(index.id);
  perform lsh_internal.set_measured(index.id);
  if obj_description(new, 'pg_class') = format('Codes of %s.%s by family %s', index.relation, index.vector_column, before.name) then
    execute format('comment on table %s is %L', new,
      format('Codes of %s.%s by family %s', index.relation, index.vector_column, family.name));
  end if;
end
$$;

comment on function lsh_internal.switch_codes(lsh.index, lsh.family, regclass) is
  'Replaces the code table of an index by one that is already filled, with everything that was set on the old one.';

create or replace function lsh_internal.assert_replaceable(index lsh.index, family lsh.family)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  perform lsh_internal.assert_owner(index);
  perform lsh_internal.assert_fits(index.relation, index.vector_column, family);
  perform lsh_internal.assert_averaged(index.relation, family, index.security);
  if index.state = 'building' then
    raise exception 'index "%" is being built', index.name
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Finish it: "call lsh.build_index(%L)"; or drop it: "select lsh.drop_index(%L)".', index.name, index.name);
  elsif index.stage = 'hnsw' and lsh_internal.within_cells(family.kind) then
    raise exception 'index "%" is searched by a graph, which codes of kind "%" do not have', index.name, family.kind
      using errcode = 'feature_not_supported',
            hint = format('Stop using the graph: "update lsh.index set stage = null where name = %L".', index.name);
  end if;
  perform lsh_internal.ranking(index, family, null);
end
$$;

comment on function lsh_internal.assert_replaceable(lsh.index, lsh.family) is
  'Raises unless the codes of an index may be replaced by those of a family.';

create or replace function lsh.switch_index(index text, successor text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  old lsh.index := lsh_internal.require_index(index);
  new lsh.index := lsh_internal.require_index(successor);
  family lsh.family := lsh_internal.family_of(new);
begin
  if new.state = 'suspect' then
    raise exception 'index "%" is suspect', successor
      using errcode = 'object_not_in_prerequisite_state',
            hint = format('Compare it with its table first: "select * from lsh.verify_index(%L, repair => true)".', successor);
  elsif new.state = 'building' then
    raise exception 'index "%" is not built yet', successor
      using errcode = 'object_not_in_prerequisite_state', hint = format('Finish it: "call lsh.build_index(%L)".', successor);
  elsif (new.relation, new.vector_column) <> (old.relation, old.vector_column) or new.id = old.id then
    raise exception 'index "%" and index "%" are on different columns', successor, index
      using errcode = 'invalid_parameter_value', hint = 'Only an index on the same column can replace an index.';
  elsif new.key_column <> old.key_column then
    raise exception 'index "%" identifies rows by column "%", but index "%" by "%"', successor, new.key_column, index, old.key_column
      using errcode = 'invalid_parameter_value', hint = format('Create the successor with key_column => %L.', old.key_column);
  elsif new.maintain <> old.maintain then
    raise exception 'index "%" is maintained by %, but index "%" by %', successor, new.maintain, index, old.maintain
      using errcode = 'invalid_parameter_value', hint = format('Create the successor with maintain => %L.', old.maintain);
  end if;
  perform lsh_internal.assert_fresh();
  perform lsh_internal.assert_replaceable(old, family);
  -- The triggers of the successor are dropped: those of the old index maintain the codes from now on.
  perform lsh_internal.lock_soon(old.relation);
  old := lsh_internal.require_index(index);
  if lsh_internal.require_index(successor) is distinct from new then
    raise exception 'index "%" was changed concurrently', successor
      using errcode = 'serialization_failure', hint = 'Run it again.';
  end if;
  perform lsh_internal.set_in_turn(new.codes);
  perform lsh_internal.drop_triggers(new);
  perform lsh_internal.unguard_codes(new.codes);
  perform lsh_internal.forget_functions(new);
  execute format('alter table %s rename to %I', new.codes, 'new ' || new.id);
  delete from lsh.index as registered where registered.id = new.id;
  perform lsh_internal.switch_codes(old, family, new.codes);
end
$$;

comment on function lsh.switch_index(text, text) is
  'Replaces the codes of an index by those of its successor on the same column. The index keeps its name, settings and grants.';

create or replace function lsh.reindex(index text, family text, build text default 'now')
  returns text
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  old lsh.index := lsh_internal.registered_index(index);
  chosen lsh.family := lsh_internal.require_family(family);
  successor text := left(index, 58) || '_next';
  new regclass;
begin
  perform lsh_internal.assert_new_index(old.maintain, build, old.security);
  perform lsh_internal.assert_fit(old);
  perform lsh_internal.assert_replaceable(old, chosen);
  if build = 'later' then
    return lsh.create_index(old.relation, old.vector_column, family, successor, old.maintain, build => build, security => old.security,
      key_column => old.key_column);
  end if;
  execute format('lock table %s in share row exclusive mode', old.relation);
  -- Another session may have replaced the codes while this one waited for the lock.
  old := lsh_internal.require_index(index);
  perform lsh_internal.assert_replaceable(old, chosen);
  perform lsh_internal.set_in_turn(old.codes);
  new := lsh_internal.create_codes(old.relation, old.key_column, 'new ' || old.id, chosen.bits,
    (select spcname from pg_tablespace join pg_class on reltablespace = pg_tablespace.oid where pg_class.oid = old.codes));
  if lsh_internal.is_distributed(old) then
    perform lsh_internal.distribute_codes(new, old.relation);
  end if;
  perform lsh_internal.fill(old, new, chosen);
  if not lsh_internal.is_distributed(new) then
    perform lsh_internal.add_bucket_index(new);
  end if;
  perform lsh_internal.switch_codes(old, chosen, new);
  return index;
end
$$;

comment on function lsh.reindex(text, text, text) is
  'Hashes the column of an index with another family, or again with its own. With build => ''later'' it returns the name of a successor, for lsh.build_index and lsh.switch_index.';
