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
  -- Shards keep their indexes: what is in the middle of losing them Citus writes on one connection at a time.
  if filled or lsh_internal.is_distributed(chosen) then
    return false;
  end if;
  -- Sorting all keys at once is cheaper than finding the place of each.
  execute format('truncate %s', chosen.codes);
  execute format('drop index %s', lsh_internal.bucket_index(chosen));
  select conname into doomed from pg_constraint where conrelid = chosen.codes and contype = 'p';
  execute format('alter table %s drop constraint %I', chosen.codes, doomed);
  return true;
end
$$;

comment on function lsh_internal.begin_load(text) is
  'Prepares a code table for many codes in the order of their buckets: an empty one loses its indexes until lsh_internal.end_load in the same transaction. Returns whether it was empty.';

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
  'Makes the indexes again that lsh_internal.begin_load dropped; puts the codes in the order of their buckets where many were added to others.';
