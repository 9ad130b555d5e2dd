create or replace function lsh_internal.begin_load(index text)
  returns boolean
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.held_index(index);
  filled boolean;
  doomed name;
begin
  perform lsh_internal.lock_codes(chosen);
  execute format('select exists (select 1 from %s)', chosen.codes) into filled;
  -- Distributed codes keep their indexes: after their removal, Citus would write the shards one after the other.
  if filled or lsh_internal.is_distributed(chosen) then
    return false;
  end if;
  -- Building the indexes at the end is cheaper than inserting each key into them.
  execute format('truncate %s', chosen.codes);
  execute format('drop index %s', lsh_internal.bucket_index(chosen));
  select conname into doomed from pg_constraint where conrelid = chosen.codes and contype = 'p';
  execute format('alter table %s drop constraint %I', chosen.codes, doomed);
  return true;
end
$$;

comment on function lsh_internal.begin_load(text) is
  'Prepares a code table for many codes in the order of their buckets: drops the indexes of an empty table, until lsh_internal.end_load in the same transaction. Returns whether it has dropped them.';

create or replace function lsh_internal.end_load(index text, loaded int)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.require_index(index);
begin
  if lsh_internal.bucket_index(chosen) is null then
    perform lsh_internal.add_key(chosen.codes);
    perform lsh_internal.add_bucket_index(chosen.codes);
    execute format('analyze %s', chosen.codes);
    perform lsh_internal.set_measured(chosen.id);
  elsif lsh_internal.is_distributed(chosen) then
    execute format('analyze %s', chosen.codes);
    perform lsh_internal.set_measured(chosen.id);
  elsif loaded > (select reltuples from pg_class where oid = chosen.codes) / 20 then
    perform lsh.compact_index(index);
  end if;
end
$$;

comment on function lsh_internal.end_load(text, int) is
  'Recreates the indexes that lsh_internal.begin_load has dropped. Otherwise sorts the codes by bucket if many were added.';
