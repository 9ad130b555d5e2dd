create or replace function lsh.compact_index(index text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  chosen lsh.index := lsh._require_index(index);
begin
  execute format('cluster lsh_index.%I using %I', chosen.name, lsh._bucket_index(chosen));
  execute format('analyze lsh_index.%I', chosen.name);
end
$$;

comment on function lsh.compact_index(text) is
  'Writes the code table anew in the order of its buckets, so that a bucket is few pages again after many single writes; locks it meanwhile.';

create or replace function lsh._build_batch(index lsh.index, batch int)
  returns int
  language plpgsql
  set search_path from current
as $$
declare
  reached text := (select last_key from lsh.index_progress where index_id = index.id for update);
  looked int;
begin
  -- The lock keeps a row as it is until its code is in: a writer waits, then its trigger replaces the code.
  execute format(
    'with source as materialized (
       select source.%1$I as key, source.%2$I as vector
       from %3$s as source
       where %4$s
       order by source.%1$I
       limit %5$s
       for share
     ),
     added as (
       insert into lsh_index.%6$I (bucket, key, code, norm, scale)
       select hashed.bucket, source.key, hashed.code, hashed.norm, hashed.scale
       from source
         cross join lateral lsh._hashed(%7$s, source.vector) as hashed
       where source.vector is not null
       on conflict (key) do nothing
     )
     select count(*), (select key::text from source order by source.key desc limit 1) from source',
    index.key_column, index.vector_column, index.relation,
    case when reached is null then 'true' else format('source.%I > $1::%s', index.key_column, lsh._bare_type(index)) end,
    batch, index.name, index.family_id)
  into looked, reached
  using reached;
  update lsh.index_progress
  set last_key = coalesce(reached, last_key), done = done + looked, total = greatest(total, done + looked),
    updated_at = clock_timestamp()
  where index_id = index.id;
  return looked;
end
$$;

comment on function lsh._build_batch(lsh.index, int) is
  'Encodes the next rows of an index that is being built; returns how many rows it looked at, 0 at the end.';

create or replace procedure lsh.build_index(index text, batch int default 5000)
  language plpgsql
as $$
declare
  chosen lsh.index := lsh._require_index(index);
begin
  if chosen.state <> 'building' then
    raise exception 'index "%" is built already', index
      using errcode = 'object_not_in_prerequisite_state', hint = 'Compare it with its table by "lsh.verify_index".';
  elsif batch is null or batch < 1 then
    raise exception 'a batch has at least one row, not %', coalesce(batch::text, 'null')
      using errcode = 'invalid_parameter_value', hint = 'Leave it out for 5000 rows between two commits.';
  end if;
  while lsh._build_batch(chosen, batch) > 0 loop
    commit;
  end loop;
  perform lsh.compact_index(index);
  perform lsh._open_index(index);
end
$$;

comment on procedure lsh.build_index(text, int) is
  'Fills an index that was created with build => ''later'', committing after every batch, while the table may be written; called again after an interruption it goes on. See lsh.index_progress.';

create or replace function lsh._open_index(index text)
  returns void
  language sql
begin atomic
  update lsh.index as registered set state = 'ready' where registered.name = _open_index.index;
  delete from lsh.index_progress
  using lsh.index as registered
  where registered.id = index_progress.index_id
    and registered.name = _open_index.index;
end;

comment on function lsh._open_index(text) is 'Lets searches use an index that is filled.';

create or replace function lsh.switch_index(index text, successor text)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  old lsh.index := lsh._require_index(index);
  new lsh.index := lsh._require_index(successor);
begin
  if new.state = 'building' then
    raise exception 'index "%" is not built yet', successor
      using errcode = 'object_not_in_prerequisite_state', hint = format('Finish it: "call lsh.build_index(%L)".', successor);
  elsif (new.relation, new.vector_column) <> (old.relation, old.vector_column) then
    raise exception 'index "%" is on another column than index "%"', successor, index
      using errcode = 'invalid_parameter_value', hint = 'An index is replaced by one of the same column.';
  end if;
  perform lsh.drop_index(index);
  execute format('alter table lsh_index.%I rename to %I', successor, index);
  update lsh.index as registered set name = old.name where registered.id = new.id;
end
$$;

comment on function lsh.switch_index(text, text) is
  'Puts an index in the place and under the name of another one of the same column, which is dropped.';

create or replace function lsh.reindex(index text, family text, build text default 'now')
  returns text
  language plpgsql
  set search_path from current
as $$
declare
  old lsh.index := lsh._require_index(index);
  successor text := left(index, 58) || '_next';
begin
  perform lsh.create_index(old.relation, old.vector_column, family, successor, old.maintain, build => build);
  if build = 'later' then
    return successor;
  elsif old.maintain = 'loader' then
    execute lsh._encoding(lsh._require_index(successor), 'true');
  end if;
  perform lsh.switch_index(index, successor);
  perform lsh.compact_index(index);
  return index;
end
$$;

comment on function lsh.reindex(text, text, text) is
  'Hashes the column of an index by another family; the old codes serve until the new ones are there. With build => ''later'' it returns the name of the successor, to fill by "call lsh.build_index" and to put in place by lsh.switch_index, while the table is written.';
