create or replace function lsh_internal.bind_columns(index_id int)
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- The numbers tell what became of a name, in the table that they were counted in; in another one, restored from a
  -- dump, the names hold. Writes what the catalogue says, whoever asks.
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

comment on function lsh_internal.bind_columns(int) is 'Follows columns of an indexed table that were renamed.';

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
  if before = after or not lsh_internal.is_key_type(after) then
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
  'Gives the keys of an index the type that the key of its table has got.';

create or replace function lsh_internal.needs_mending(index lsh.index)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return not lsh_internal.is_fit(index)
    or not exists (
      select from pg_proc
      where pronamespace = to_regnamespace('lsh_index') and proname = index.name and prosrc = lsh_internal.keeping())
    or index.security = 'policies' and not exists (
      select from pg_proc
      where pronamespace = to_regnamespace('lsh_index') and proname = index.name and prosrc = lsh_internal.sight(index))
    or index.maintain = 'trigger' and exists (
      select
      from lsh_internal.trigger_names(index.id) as wanted
        left join pg_trigger on pg_trigger.tgrelid = index.relation and pg_trigger.tgname = wanted.name
      where pg_trigger.oid is null);
end
$$;

comment on function lsh_internal.needs_mending(lsh.index) is
  'Whether something about an index is not as it is made today for its table as it is today.';

create or replace function lsh.mend_index(index text)
  returns void
  language plpgsql
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
  if exists (select from pg_class where oid = chosen.codes and relkind = 'r') then
    if persistence <> (select relpersistence from pg_class where oid = chosen.codes) then
      execute format('alter table %s set %s', chosen.codes, case persistence when 'u' then 'unlogged' else 'logged' end);
    end if;
    perform lsh_internal.follow_key_type(chosen);
    perform lsh_internal.hand_over(chosen);
  end if;
  -- What is left now only the owner can mend.
  perform lsh_internal.assert_fit(chosen);
  perform lsh_internal.guard_codes(chosen);
  perform lsh_internal.create_keeper(chosen);
  perform lsh_internal.hand_over(chosen);
  if chosen.maintain = 'trigger' then
    perform lsh_internal.add_triggers(chosen);
  end if;
end
$$;

comment on function lsh.mend_index(text) is
  'Follows what was changed of the table of an index: names, owner, type of the key, logging; makes triggers and functions anew that were dropped; removes an index whose table is gone. Raises, with what to do, where that is not enough.';

-- Where a superuser installs this, PostgreSQL itself tells of changes of tables, and indexes follow at once.

create or replace function lsh_internal.follow_drop()
  returns event_trigger
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  gone lsh.index;
  source name;
begin
  for gone in
    select registered.*
    from lsh.index as registered
    where exists (
      select
      from pg_event_trigger_dropped_objects() as dropped
      where dropped.classid = 'pg_class'::regclass
        and (
          dropped.objid = registered.relation
            and (dropped.objsubid = 0 or registered.bound = registered.relation
              and dropped.objsubid in (registered.key_number, registered.vector_number))
          or dropped.objid = registered.codes and dropped.objsubid = 0))
  loop
    delete from lsh.index where index.id = gone.id;
    if exists (select from pg_class where oid = gone.relation) then
      perform lsh_internal.drop_triggers(gone);
    end if;
    if exists (select from pg_class where oid = gone.codes) then
      execute format('drop table %s', gone.codes);
    end if;
    perform lsh_internal.forget_functions(gone);
  end loop;
end
$$;

comment on function lsh_internal.follow_drop() is
  'Removes an index whose table, column or code table is dropped, as PostgreSQL removes its own indexes.';

create or replace function lsh_internal.follow_rewrite()
  returns event_trigger
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  suspect text;
begin
  -- 4: for another type of a column, by an expression that may have changed the vectors.
  if pg_event_trigger_table_rewrite_reason() & 4 = 0 then
    return;
  end if;
  for suspect in
    update lsh.index as registered
    set state = 'suspect'
    where registered.relation = pg_event_trigger_table_rewrite_oid()
      and registered.state = 'ready'
    returning registered.name
  loop
    raise warning 'index "%" is set aside, since its table is written anew: searches read the table meanwhile', suspect
      using hint = format('Run "select * from lsh.verify_index(%L, repair => true)" to compare the codes with the vectors and to use it again.', suspect);
  end loop;
end
$$;

comment on function lsh_internal.follow_rewrite() is
  'Sets an index aside whose table is rewritten for a column of another type, until lsh.verify_index has run.';

create or replace function lsh_internal.follow_alter()
  returns event_trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  altered lsh.index;
  complaint record;
begin
  for altered in
    select registered.*
    from pg_event_trigger_ddl_commands() as command
      join lsh.index as registered on command.classid = 'pg_class'::regclass and command.objid = registered.relation
    order by registered.id
  loop
    perform lsh_internal.bind_columns(altered.id);
    altered := lsh_internal.registered_index(altered.name);
    -- Whoever makes an index is not done with it while its table is altered for its triggers.
    continue when lsh_internal.is_fit(altered)
      and (altered.security = 'open' or exists (
        select from pg_proc
        where pronamespace = to_regnamespace('lsh_index') and proname = altered.name and prosrc = lsh_internal.sight(altered)));
    if current_setting('transaction_isolation') <> 'read committed' then
      -- An index that was replaced since the snapshot was taken fits nothing: then all of it is to be run again.
      perform lsh_internal.codes_of(altered);
    end if;
    if not has_schema_privilege('lsh_index', 'create') and lsh_internal.is_fit(altered) then
      raise warning 'index "%" is not told of the new name of table "%"', altered.name, altered.relation
        using hint = format('Let a superuser run "select lsh.mend_index(%L)"; until then roles that policies apply to cannot search it.', altered.name);
      continue;
    end if;
    perform lsh.mend_index(altered.name);
  end loop;
end
$$;

comment on function lsh_internal.follow_alter() is
  'Has the indexes of a table that is altered follow, or refuses what they cannot follow.';

create or replace function lsh_internal.follow_extension()
  returns event_trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  place constant text := (select quote_ident(nspname) from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'vector');
begin
  if place <> '@vector@' then
    raise warning 'pgvector is in schema "%" now, where the functions of lsh do not look for it', place
      using hint = 'Run "pg-lsh migrate", which installs them anew: until then searches, and writes of indexed tables, fail.';
  end if;
end
$$;

comment on function lsh_internal.follow_extension() is 'Says what to do when pgvector moves to another schema.';

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('lsh_follow_drop', 'sql_drop', 'lsh_internal.follow_drop()', ''),
      ('lsh_follow_rewrite', 'table_rewrite', 'lsh_internal.follow_rewrite()', ''),
      ('lsh_follow_alter', 'ddl_command_end', 'lsh_internal.follow_alter()', 'when tag in (''ALTER TABLE'')'),
      ('lsh_follow_extension', 'ddl_command_end', 'lsh_internal.follow_extension()', 'when tag in (''ALTER EXTENSION'')')
    ) as wanted (name, event, function, condition)
  loop
    -- Only a superuser may have them; without, changes are noticed by the next write, search or "pg-lsh doctor".
    if (select rolsuper from pg_roles where rolname = current_user)
      and not exists (select from pg_event_trigger where evtname = wanted.name)
    then
      execute format('create event trigger %I on %s %s execute function %s', wanted.name, wanted.event, wanted.condition, wanted.function);
    end if;
  end loop;
end
$$;
