create or replace function lsh_internal.bind_columns(index_id int)
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Numbers identify a renamed column in the table in which they were read. In another table, restored from a dump, the
  -- names hold. Any role may call this: it only records what the catalogue says.
  update lsh.index as registered
  set key_column = key.attname, key_number = key.attnum, vector_column = vector.attname, vector_number = vector.attnum,
    bound = registered.relation,
    key_index = coalesce(lsh_internal.key_index(registered.relation, key.attnum), registered.key_index)
  from pg_attribute as key, pg_attribute as vector
  where registered.id = index_id
    and key.attrelid = registered.relation
    and vector.attrelid = registered.relation
    and not key.attisdropped
    and not vector.attisdropped
    and case when registered.bound = registered.relation
      then key.attnum = registered.key_number and vector.attnum = registered.vector_number
      else key.attname = registered.key_column and vector.attname = registered.vector_column
    end
    and (registered.key_column, registered.key_number, registered.vector_column, registered.vector_number, registered.bound,
        registered.key_index)
      is distinct from (key.attname, key.attnum, vector.attname, vector.attnum, registered.relation::oid,
        coalesce(lsh_internal.key_index(registered.relation, key.attnum), registered.key_index));
end
$$;

comment on function lsh_internal.bind_columns(int) is
  'Updates the registry if columns of an indexed table were renamed, or the table was restored from a dump.';

create or replace function lsh_internal.follow_key_type(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  before constant oid := (select atttypid from pg_attribute where attrelid = index.codes and attname = 'key');
  after constant oid := (
    select lsh_internal.base_type(atttypid) from pg_attribute where attrelid = index.relation and attname = index.key_column);
begin
  if not lsh_internal.is_key_type(after) or before = after and (
    select count(distinct attcollation) = 1 from pg_attribute
    where (attrelid, attname) in ((index.codes, 'key'), (index.relation, index.key_column)))
  then
    return;
  end if;
  perform lsh_internal.lock_codes(index);
  perform lsh_internal.unguard_codes(index.codes);
  execute format('drop function if exists lsh_index.%I(%s)', index.name, format_type(before, -1));
  execute format('alter table %s alter column key type %s using key::text::%s', index.codes,
    lsh_internal.key_type(index.relation, index.key_column), format_type(after, -1));
end
$$;

comment on function lsh_internal.follow_key_type(lsh.index) is
  'Changes the type of the keys in a code table to that of the key of its table.';

create or replace function lsh_internal.needs_mending(index lsh.index)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return not lsh_internal.is_fit(index)
    or index.bound <> index.relation
    or not exists (select from pg_proc where oid = lsh_internal.keeper(index) and prosrc = lsh_internal.keeping())
    or not lsh_internal.is_guarded(index)
    or exists (select from lsh_internal.wrong_triggers(index))
    or cardinality(lsh_internal.finders(index)) < 3 and not lsh_internal.is_distributed(index);
end
$$;

comment on function lsh_internal.needs_mending(lsh.index) is
  'Whether an index differs from one that would be created now for its table.';

create or replace function lsh.mend_index(index text)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  chosen lsh.index := lsh_internal.registered_index(index);
  persistence "char" := (select relpersistence from pg_class where oid = chosen.relation);
begin
  perform lsh_internal.assert_fresh();
  if persistence is null then
    perform lsh.drop_index(index);
    return;
  end if;
  if not lsh_internal.owns(chosen.relation) then
    perform lsh_internal.assert_owner(chosen);
  end if;
  perform lsh_internal.bind_columns(chosen.id);
  chosen := lsh_internal.registered_index(index);
  perform lsh_internal.set_in_turn(chosen.codes);
  if exists (select from pg_class where oid = chosen.codes and relkind = 'r') then
    if persistence <> (select relpersistence from pg_class where oid = chosen.codes) then
      execute format('alter table %s set %s', chosen.codes, case persistence when 'u' then 'unlogged' else 'logged' end);
    end if;
    perform lsh_internal.follow_key_type(chosen);
    perform lsh_internal.hand_over(chosen);
  end if;
  -- Only the owner can repair what is still wrong.
  perform lsh_internal.assert_fit(chosen);
  perform lsh_internal.guard_codes(chosen);
  perform lsh_internal.create_keeper(chosen);
  perform lsh_internal.hand_over(chosen);
  if chosen.maintain = 'trigger' then
    perform lsh_internal.add_triggers(chosen);
  end if;
  perform lsh_internal.keep_finder(chosen.id);
end
$$;

comment on function lsh.mend_index(text) is
  'Adapts an index to changes of its table: names, owner, key type, logging, triggers. Removes an index whose table no longer exists. Raises an error with a hint if that is not enough.';
