-- Event triggers, which only a superuser can install. With them, indexes follow changes of their tables at once.

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
    -- Drops only a code table by its name and schema: the registry might name any other table.
    if exists (
      select from pg_class
      where oid = gone.codes and relkind = 'r' and relname = gone.name and relnamespace = 'lsh_index'::regnamespace)
    then
      execute format('drop table %s', gone.codes);
    end if;
    perform lsh_internal.forget_functions(gone);
  end loop;
  perform lsh_internal.forget_finders();
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
  rewritten constant oid := pg_event_trigger_table_rewrite_oid();
  reason constant int := pg_event_trigger_table_rewrite_reason();
  unfinished constant text := (
    select string_agg(name, '", "' order by id) from lsh.index where relation = rewritten and state = 'building');
  suspect text;
begin
  -- Reason 4: a column gets another type, by an expression that may change the vectors. Reason 2: a column gets another
  -- default, or a generated column another expression.
  if reason & 4 = 0 and not (reason & 2 <> 0 and exists (
    select from lsh.index join pg_attribute on attrelid = rewritten and attname in (key_column, vector_column)
    where relation = rewritten and attgenerated <> ''))
  then
    return;
  elsif unfinished is not null then
    raise exception 'index "%" is being built, and its table is about to be rewritten', unfinished
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'Finish it first by "call lsh.build_index(...)", or drop it by "select lsh.drop_index(...)".';
  end if;
  for suspect in
    update lsh.index as registered
    set state = 'suspect'
    where registered.relation = rewritten
      and registered.state = 'ready'
    returning registered.name
  loop
    raise warning 'index "%" is suspect because its table is rewritten: searches read the table meanwhile', suspect
      using hint = format('Run "select * from lsh.verify_index(%L, repair => true)" to compare the codes with the vectors and to use it again.', suspect);
  end loop;
end
$$;

comment on function lsh_internal.follow_rewrite() is
  'Marks an index as suspect if its table is rewritten for another column type, until lsh.verify_index has run.';

create or replace function lsh_internal.set_aside(index_id int)
  returns void
  language plpgsql security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- Any role may call this: it only records that codes may be wrong.
  update lsh.index as registered set state = 'suspect' where registered.id = index_id and registered.state = 'ready'
    and exists (select from lsh_internal.wrong_triggers(registered) as wrong where wrong.problem = 'disabled');
end
$$;

comment on function lsh_internal.set_aside(int) is 'Makes searches read the table of an index whose triggers are disabled, until lsh.verify_index has run.';

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
      cross join lsh.index as registered
    where command.classid = 'pg_class'::regclass and command.objid = registered.relation
      or command.classid = 'pg_namespace'::regclass
        and command.objid = (select relnamespace from pg_class where oid = registered.relation)
    order by registered.id
  loop
    -- A dump restores the key of a table after its rows and after the registry.
    continue when altered.bound <> altered.relation and not altered.key_column = any (lsh_internal.key_columns(altered.relation));
    perform lsh_internal.bind_columns(altered.id);
    altered := lsh_internal.registered_index(altered.name);
    -- Only disabled triggers count: while an index is created, its table is altered before all of its triggers are
    -- ready.
    if exists (select from lsh_internal.wrong_triggers(altered) as wrong where wrong.problem = 'disabled') then
      perform lsh_internal.set_aside(altered.id);
      raise warning 'index "%" is suspect because its triggers are disabled: searches read the table meanwhile', altered.name
        using hint = format('Enable them, and run "select * from lsh.verify_index(%L, repair => true)" to use it again.', altered.name);
    else
      perform lsh_internal.set_modes(altered);
    end if;
    perform lsh_internal.keep_finder(altered.id);
    continue when lsh_internal.is_fit(altered) and lsh_internal.is_guarded(altered);
    if current_setting('transaction_isolation') <> 'read committed' then
      -- An index that was replaced after the snapshot was taken fits no table. Then codes_of raises a serialization
      -- failure.
      perform lsh_internal.codes_of(altered);
    end if;
    if not has_schema_privilege('lsh_index', 'create') and lsh_internal.is_fit(altered) then
      raise warning 'index "%" does not know the new name of table "%"', altered.name, altered.relation
        using hint = format('Let a superuser run "select lsh.mend_index(%L)"; until then roles that policies apply to cannot search it.', altered.name);
      continue;
    end if;
    perform lsh.mend_index(altered.name);
  end loop;
exception
  when cardinality_violation then
    -- A snapshot from before another session's change shows both versions of a catalogue row.
    if current_setting('transaction_isolation') = 'read committed' then
      raise;
    end if;
    raise exception 'an indexed table was altered after this transaction began'
      using errcode = 'serialization_failure', hint = 'Run the transaction again.';
end
$$;

comment on function lsh_internal.follow_alter() is
  'Adapts the indexes of an altered table, or refuses changes that they cannot follow.';

create or replace function lsh_internal.follow_extension()
  returns event_trigger
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  place constant text := (select quote_ident(nspname) from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'vector');
begin
  if place <> '@vector@' then
    raise warning 'pgvector is now in schema "%", but the functions of lsh use another schema', place
      using hint = 'Run "pg-lsh migrate", which reinstalls them: until then searches and writes to indexed tables fail.';
  end if;
end
$$;

comment on function lsh_internal.follow_extension() is 'Warns if pgvector is moved to another schema.';

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('lsh_follow_drop', 'sql_drop', 'lsh_internal.follow_drop()', ''),
      ('lsh_follow_rewrite', 'table_rewrite', 'lsh_internal.follow_rewrite()', ''),
      ('lsh_follow_alter', 'ddl_command_end', 'lsh_internal.follow_alter()', 'when tag in (''ALTER TABLE'', ''ALTER SCHEMA'')'),
      ('lsh_follow_extension', 'ddl_command_end', 'lsh_internal.follow_extension()', 'when tag in (''ALTER EXTENSION'')')
    ) as wanted (name, event, function, condition)
  loop
    -- Only a superuser can create event triggers. Without them, the next write, search or "pg-lsh doctor" notices
    -- changes.
    if (select rolsuper from pg_roles where rolname = current_user)
    then
      execute format('drop event trigger if exists %I', wanted.name);
      execute format('create event trigger %I on %s %s execute function %s', wanted.name, wanted.event, wanted.condition, wanted.function);
    end if;
  end loop;
end
$$;
