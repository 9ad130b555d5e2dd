create or replace function lsh._begin_load(index text)
  returns boolean
  language plpgsql
  set search_path from current
as $$
declare
  chosen lsh.index := lsh._require_index(index);
  filled boolean;
  doomed name;
begin
  execute format('select exists (select from lsh_index.%I)', chosen.name) into filled;
  if filled then
    return false;
  end if;
  -- Sorting all keys at once is cheaper than finding the place of each.
  execute format('truncate lsh_index.%I', chosen.name);
  execute format('drop index lsh_index.%I', lsh._bucket_index(chosen));
  select conname into doomed from pg_constraint where conrelid = lsh._code_table(chosen) and contype = 'p';
  execute format('alter table lsh_index.%I drop constraint %I', chosen.name, doomed);
  return true;
end
$$;

comment on function lsh._begin_load(text) is
  'Makes the code table of an index ready for many codes in the order of their buckets: an empty one loses its indexes until lsh._end_load, in the same transaction. Returns whether it was empty.';

create or replace function lsh._end_load(index text, loaded int)
  returns void
  language plpgsql
  set search_path from current
as $$
declare
  chosen lsh.index := lsh._require_index(index);
begin
  if lsh._bucket_index(chosen) is null then
    execute format('alter table lsh_index.%I add primary key (key)', chosen.name);
    execute format('create index on lsh_index.%I (bucket)', chosen.name);
    execute format('analyze lsh_index.%I', chosen.name);
  elsif loaded > (select reltuples from pg_class where oid = lsh._code_table(chosen)) / 20 then
    perform lsh.compact_index(index);
  end if;
end
$$;

comment on function lsh._end_load(text, int) is
  'Makes the indexes again that lsh._begin_load dropped; puts the codes in the order of their buckets where many were added to others.';
