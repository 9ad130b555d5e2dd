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
