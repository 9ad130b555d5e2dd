create or replace function lsh.compact_index(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.held_index(index);
begin
  perform lsh_internal.assert_fresh();
  if lsh_internal.is_distributed(chosen) then
    raise exception 'the codes of distributed index "%" have no order', index
      using errcode = 'feature_not_supported',
            hint = format('After "vacuum analyze %s" searches read the index only.', chosen.codes);
  end if;
  execute format('cluster %s using %I', chosen.codes,
    (select relname from pg_class where oid = lsh_internal.bucket_index(chosen)));
  execute format('analyze %s', chosen.codes);
end
$$;

comment on function lsh.compact_index(text) is
  'Rewrites the code table in the order of its buckets, so that each bucket occupies few pages after many single writes. Locks the table.';

create or replace function lsh_internal.build_batch(index_name text, batch int)
  returns int
  language plpgsql
  set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO' set intervalstyle = 'postgres'
as $$
declare
  index lsh.index := lsh_internal.held_index(index_name);
  family lsh.family := lsh_internal.family_of(index);
  reached text;
  beyond text;
  until text;
  looked int;
begin
  -- Another session that builds the same index waits here, and continues where this batch ends.
  select progress.last_key into reached
  from lsh.index_progress as progress
  where progress.index_id = index.id
  for update;
  if not found then
    return null;
  end if;
  perform lsh_internal.lock_codes(index);
  beyond := case
    when reached is null then 'true'
    else format('lsh_source.%I > $1::%s', index.key_column, lsh_internal.bare_type(index))
  end;
  -- The last key of the batch is read first: a row whose key changes while this session waits for its lock is returned
  -- with its new key, and the batch would seem to end there.
  execute format(
    'with batch as materialized (
       select lsh_source.%1$I as key from %2$s as lsh_source where %3$s order by lsh_source.%1$I limit %4$s
     )
     select count(*), (select batch.key::text from batch order by batch.key desc limit 1) from batch',
    index.key_column, lsh_internal.own_rows(index.relation), beyond, batch)
  into looked, until
  using reached;
  if lsh_internal.is_distributed(index) then
    -- Citus cannot lock rows on several machines. Loaders wait for the lock on the table.
    perform lsh_internal.fill_shards(index, index.codes, family, concat_ws(' and ',
      format('source.%I <= %L::%s', index.key_column, until, lsh_internal.bare_type(index)),
      case when reached is not null then format('source.%I > %L::%s', index.key_column, reached, lsh_internal.bare_type(index)) end));
  else
    -- The lock keeps a row unchanged until its code is written. A writer waits, and its trigger then replaces the code.
    execute format(
      'with source as materialized (
         select lsh_source.%1$I as key, %2$s as vector
         from %3$s as lsh_source
         where %4$s and lsh_source.%1$I <= $3::%5$s
         for share
       )
       insert into %6$s (bucket, key, code, norm, scale)
       select hashed.bucket, source.key, hashed.code, hashed.norm, hashed.scale
       from source
         cross join lateral lsh_internal.hashed(%7$s, $2, source.vector) as hashed
       where source.vector is not null
       on conflict (key) do nothing',
      index.key_column, lsh_internal.vector_expression(index, 'lsh_source'), lsh_internal.own_rows(index.relation), beyond,
      lsh_internal.bare_type(index), index.codes, index.family_id)
    using reached, family.token, until;
  end if;
  update lsh.index_progress
  set last_key = coalesce(until, last_key), done = done + looked, total = greatest(total, done + looked),
    updated_at = clock_timestamp()
  where index_id = index.id;
  return looked;
end
$$;

comment on function lsh_internal.build_batch(text, int) is
  'Encodes the next rows of an index that is being built. Returns the number of rows read: 0 at the end, null if the index is built or was dropped.';

create or replace function lsh_internal.open_index(index text)
  returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  opened int;
begin
  update lsh.index as registered
  set state = 'ready'
  where registered.name = open_index.index
    and registered.state = 'building'
  returning registered.id into opened;
  delete from lsh.index_progress as progress where progress.index_id = opened;
  if opened is not null then
    perform lsh_internal.set_measured(opened);
  end if;
  return opened is not null;
end
$$;

comment on function lsh_internal.open_index(text) is
  'Lets searches use an index whose build is complete. Returns false if another session has done so before.';

create or replace procedure lsh.build_index(index text, batch int default 5000)
  language plpgsql
as $$
declare
  chosen lsh.index := lsh_internal.require_index(index);
  looked int;
begin
  if chosen.state operator(pg_catalog.<>) 'building' then
    raise exception 'index "%" is already built', index
      using errcode = 'object_not_in_prerequisite_state', hint = 'Use lsh.verify_index to compare it with its table.';
  elsif batch is null or batch operator(pg_catalog.<) 1 then
    raise exception 'a batch must have at least one row, not %', coalesce(batch::pg_catalog.text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'Leave it out for 5000 rows between two commits.';
  end if;
  perform lsh_internal.assert_owner(chosen);
  loop
    -- Each batch looks the index up again: another session may have built or dropped it, or replaced its codes,
    -- meanwhile.
    looked := lsh_internal.build_batch(index, batch);
    exit when looked is null or looked operator(pg_catalog.=) 0;
    commit;
  end loop;
  if looked operator(pg_catalog.=) 0 and lsh_internal.open_index(index) then
    if not lsh_internal.is_distributed(lsh_internal.registered_index(index)) then
      perform lsh.compact_index(index);
    end if;
  else
    raise notice 'index "%" was built by another session', index;
  end if;
end
$$;

comment on procedure lsh.build_index(text, int) is
  'Fills an index created with build => ''later'' while the table can be written. Commits after every batch; call it again to continue. See lsh.index_progress.';
