create or replace function lsh_internal.create_keeper(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin
  execute format(
    'create or replace function lsh_index.%1$I()
       returns trigger
       language plpgsql security definer
       set search_path = pg_catalog, pg_temp
     as %2$L', index.name, lsh_internal.keeping());
  -- Nobody else hangs it on a table of hers.
  execute format('revoke all on function lsh_index.%I() from public', index.name);
  execute format('comment on function lsh_index.%I() is %L', index.name,
    'Trigger that keeps the codes of the index of that name in step; runs with the rights of the owner of the table.');
end
$$;

comment on function lsh_internal.create_keeper(lsh.index) is 'Makes the trigger function of an index.';

create or replace function lsh_internal.trigger_names(index_id int)
  returns table (name name, event text, rows text)
  language sql immutable parallel safe
begin atomic
  select format('lsh_%s_%s', index_id, lower(split_part(made.event, ' ', 1)))::name, made.event, made.rows
  from (values
    ('insert', 'referencing new table as new_rows for each statement'),
    ('update', 'referencing old table as old_rows new table as new_rows for each statement'),
    ('delete', 'referencing old table as old_rows for each statement'),
    ('truncate', 'for each statement')) as made (event, rows)
  union all
  select format('lsh_%s_replica', index_id)::name, 'insert or update or delete', 'for each row'
  union all
  -- Never fires. Statements on a parent do not fire the triggers above, and PostgreSQL refuses a parent to a table with this.
  select format('lsh_%s_no_parent', index_id)::name, 'delete', 'referencing old table as old_rows for each row when (false)';
end;

comment on function lsh_internal.trigger_names(int) is 'The triggers of an index, and what each fires for.';

create or replace function lsh_internal.add_triggers(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
begin
  for wanted in select * from lsh_internal.trigger_names(index.id) loop
    execute format('create or replace trigger %I after %s on %s %s execute function lsh_index.%I(%L)',
      wanted.name, wanted.event, index.relation, wanted.rows, index.name, index.id);
  end loop;
  -- What a subscription applies, and sessions that replicate, fire triggers for rows alone, and only such as are meant for it.
  execute format('alter table %s enable replica trigger %I', index.relation, format('lsh_%s_replica', index.id));
  execute format('alter table %s enable always trigger %I', index.relation, format('lsh_%s_truncate', index.id));
end
$$;

comment on function lsh_internal.add_triggers(lsh.index) is
  'Installs the triggers of an index; they lock the table against writers until the transaction ends.';

create or replace function lsh_internal.hand_over(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  owner constant name := lsh_internal.owner_of(index.relation);
  made regprocedure;
begin
  if lsh_internal.owner_of(index.codes) <> owner then
    execute format('alter table %s owner to %I', index.codes, owner);
  end if;
  for made in
    select pg_proc.oid
    from pg_proc
    where pronamespace = to_regnamespace('lsh_index')
      and proname = index.name
      and pg_get_userbyid(proowner) <> owner
  loop
    execute format('alter function %s owner to %I', made, owner);
  end loop;
end
$$;

comment on function lsh_internal.hand_over(lsh.index) is
  'Gives the code table and the functions of an index to the owner of its table.';
