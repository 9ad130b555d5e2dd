-- Distributes an indexed table and its codes over the workers of Citus. Functions of Citus are called in dynamic SQL
-- only, because these files are also installed without Citus.

create or replace function lsh_internal.distribute_codes(codes regclass, relation regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  old name := (
    select relname
    from pg_index
      join pg_class on pg_class.oid = indexrelid
      join pg_attribute on attrelid = indrelid and attnum = indkey[0]
    where indrelid = codes and attname = 'bucket'
    limit 1);
begin
  -- The index covers all columns that a search reads: rows of a shard are in the order of their insertion, so that
  -- reading a bucket from the table would read a page for each row.
  if old is not null then
    execute format('drop index lsh_index.%I', old);
  end if;
  execute format('create index %I on %s (bucket) include (key, code, norm, scale)', 'bucket ' || codes::oid, codes);
  execute 'select create_distributed_table($1, ''key'', colocate_with => $2::text)' using codes, relation;
  execute 'select truncate_local_data_after_distributing_table($1)' using codes;
end
$$;

comment on function lsh_internal.distribute_codes(regclass, regclass) is
  'Distributes a code table like its table, with a covering index for searches.';

create or replace function lsh_internal.forget_finders_of(index_id int)
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Any role may call this function, but only one that may write to the table can take the lock of lsh.distribute.
  if not exists (
    select
    from pg_locks
      join lsh.index on lsh.index.relation = pg_locks.relation
    where lsh.index.id = forget_finders_of.index_id
      and pid = pg_backend_pid() and mode = 'ShareRowExclusiveLock' and granted)
  then
    raise exception 'only lsh.distribute drops the kept statements of an index'
      using errcode = 'insufficient_privilege', hint = 'Call "select lsh.distribute(...)".';
  end if;
  perform lsh_internal.drop_functions(array(
    select kept.made from lsh_internal.kept_statements() as kept where kept.index_id = forget_finders_of.index_id));
end
$$;

comment on function lsh_internal.forget_finders_of(int) is 'Drops the kept statements of an index whose table this session has locked to distribute it.';

create or replace function lsh_internal.default_shards()
  returns int
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  workers int;
begin
  -- Each shard adds a task to a search, and returns as many codes as the whole search ranks.
  execute 'select count(*) from pg_catalog.pg_dist_node where isactive and shouldhaveshards' into workers;
  return 2 * greatest(1, workers);
end
$$;

comment on function lsh_internal.default_shards() is
  'Default number of shards of a table: two for each worker, so that one more worker can take over some.';

create or replace function lsh.distribute(index text, shards int default null)
  returns int
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.registered_index(index);
  other lsh.index;
  counted int;
begin
  perform lsh_internal.assert_citus();
  perform lsh_internal.assert_owner(chosen);
  perform lsh_internal.assert_fresh();
  if shards < 1 then
    raise exception 'a table has at least one shard, not %', shards
      using errcode = 'invalid_parameter_value', hint = 'Two to four for each worker leave room for more workers.';
  end if;
  execute format('lock table %s in share row exclusive mode', chosen.relation);
  for other in select * from lsh.index as registered where registered.relation = chosen.relation loop
    perform lsh_internal.assert_fit(other);
    if not lsh_internal.is_distributed(other) then
      perform lsh_internal.assert_distributable(other);
      -- Before the rows are moved: while Citus works on all shards in parallel, it accepts no other command.
      perform lsh_internal.forget_finders_of(other.id);
      perform lsh_internal.unguard_codes(other.codes);
      execute format('alter table %s disable row level security', other.codes);
    end if;
  end loop;
  if not lsh_internal.is_distributed(chosen.relation) then
    execute 'select create_distributed_table($1, $2, colocate_with => ''none'', shard_count => $3)'
    using chosen.relation, chosen.key_column::text, coalesce(shards, lsh_internal.default_shards());
    execute 'select truncate_local_data_after_distributing_table($1)' using chosen.relation;
  end if;
  for other in select * from lsh.index as registered where registered.relation = chosen.relation order by registered.id loop
    continue when lsh_internal.is_distributed(other);
    perform lsh_internal.distribute_codes(other.codes, other.relation);
  end loop;
  execute 'select count(*) from pg_catalog.pg_dist_shard where logicalrelid = $1' into counted using chosen.relation;
  return counted;
end
$$;

comment on function lsh.distribute(text, int) is
  'Distributes the table of an index and all of its code tables over the workers of Citus by key, and returns the number of shards. Tables that are already distributed stay as they are.';

create or replace function lsh.undistribute(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.registered_index(index);
  place constant text := chosen.relation::text;
  other lsh.index;
  code_table text;
  found regclass;
begin
  perform lsh_internal.assert_citus();
  perform lsh_internal.assert_owner(chosen);
  perform lsh_internal.assert_fresh();
  if not lsh_internal.is_distributed(chosen.relation) then
    return;
  end if;
  perform lsh_internal.set_in_turn(chosen.relation);
  for other in select * from lsh.index as registered where registered.relation = chosen.relation loop
    code_table := other.codes::text;
    -- Citus creates new tables with these names and drops the old ones. Meanwhile the registry names no table, so that
    -- it loses no row.
    update lsh.index as registered set codes = 0, relation = 0 where registered.id = other.id;
    if lsh_internal.is_distributed(other.codes) then
      execute 'select undistribute_table($1)' using other.codes;
    end if;
    execute format('drop index %s', (
      select indexrelid::regclass from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
      where indrelid = code_table::regclass and attname = 'bucket'));
    perform lsh_internal.add_bucket_index(code_table::regclass);
    update lsh.index as registered set codes = code_table::regclass where registered.id = other.id;
  end loop;
  execute 'select undistribute_table($1)' using chosen.relation;
  found := place::regclass;
  update lsh.index as registered set relation = found
  where registered.relation = 0::oid;
  for other in select * from lsh.index as registered where registered.relation = found loop
    perform lsh.mend_index(other.name);
    perform lsh.compact_index(other.name);
  end loop;
end
$$;

comment on function lsh.undistribute(text) is
  'Moves the table of an index and all of its code tables back to the coordinator, as they were before lsh.distribute.';
